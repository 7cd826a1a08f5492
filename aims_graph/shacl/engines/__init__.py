"""The engines that can validate: one name, one function each."""

from collections.abc import Callable

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.engines import columnar
from aims_graph.shacl.report import ValidationReport

Engine = Callable[[Columns, Columns], ValidationReport]

ENGINES: dict[str, Engine] = {
    "columns": columnar.validate,
}


def validate(data: Columns, shapes: Columns, *, engine: str = "columns") -> ValidationReport:
    """Validate ``data`` against the shapes graph.

    Raises InputError for ill-formed, recursive or unsupported shapes, or an unknown engine.
    """
    if engine not in ENGINES:
        raise InputError(f"unknown engine {engine!r}", hint=f"Choose one of {', '.join(ENGINES)}")
    return ENGINES[engine](data, shapes)
