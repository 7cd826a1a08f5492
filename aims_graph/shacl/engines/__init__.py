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


def validate(data: Columns, shapes: Columns, *, engine: str = "columns") -> ValidationReport:
    """Validate ``data`` against the shapes graph.

    Raises InputError for ill-formed, recursive or unsupported shapes, or an unknown engine.
    """
    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}", hint=f"Choose one of {', '.join(ENGINES)}")
    return ENGINES[engine](data, shapes)
