"""The engines that can validate: one name, one function each."""

from collections.abc import Callable

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.engines import columnar
from aims_graph.shacl.report import ValidationReport

Engine = Callable[[Columns, Columns], ValidationReport]


def _scalar(data: Columns, shapes: Columns) -> ValidationReport:
    from aims_graph.shacl.engines import scalar  # noqa: PLC0415 only tests and doubters use it

    return scalar.validate(data, shapes)


def _pyshacl(data: Columns, shapes: Columns) -> ValidationReport:
    from aims_graph.shacl.engines import pyshacl  # noqa: PLC0415 loads rdflib

    return pyshacl.validate(data, shapes)


ENGINES: dict[str, Engine] = {"columns": columnar.validate, "scalar": _scalar, "pyshacl": _pyshacl}


def validate(
    data: Columns,
    shapes: Columns,
    *,
    engine: str = "columns",
    tell: Callable[[int, int], None] | None = None,
) -> ValidationReport:
    """Validate ``data`` against the shapes graph.

    ``tell`` hears how many constraints of how many are evaluated; only the default engine tells.
    Raises InputError for ill-formed, recursive or unsupported shapes, or an unknown engine.
    """
    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}", hint=f"Choose one of {', '.join(ENGINES)}")
    if engine == "columns":
        return columnar.validate(data, shapes, tell)
    return ENGINES[engine](data, shapes)
