"""The default engine: the plan, run with NumPy kernels on columns."""

from collections.abc import Callable

from aims_graph.columns import Columns
from aims_graph.shacl.plan import compile_shapes
from aims_graph.shacl.report import ValidationReport
from aims_graph.shacl.validator import Validator


def validate(
    data: Columns, shapes: Columns, tell: Callable[[int, int], None] | None = None
) -> ValidationReport:
    return Validator(compile_shapes(shapes), data, tell).report
