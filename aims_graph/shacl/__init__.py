"""SHACL validation on columns (https://www.w3.org/TR/shacl/)."""

from aims_graph.shacl.engines import ENGINES, Engine, validate
from aims_graph.shacl.paths import Path, PathExpression
from aims_graph.shacl.plan import Plan, compile_shapes
from aims_graph.shacl.report import ValidationReport, ValidationResult

__all__ = [
    "ENGINES",
    "Engine",
    "Path",
    "PathExpression",
    "Plan",
    "ValidationReport",
    "ValidationResult",
    "compile_shapes",
    "validate",
]
