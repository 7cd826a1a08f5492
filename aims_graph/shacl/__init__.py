"""SHACL validation on columns (https://www.w3.org/TR/shacl/)."""

from aims_graph.shacl.engines import ENGINES, Engine, validate
from aims_graph.shacl.paths import Path, PathExpression
from aims_graph.shacl.plan import Plan, compile_shapes
from aims_graph.shacl.report import ValidationReport, ValidationResult
from aims_graph.shacl.validator import Difference, Validator

__all__ = [
    "ENGINES",
    "Difference",
    "Engine",
    "Path",
    "PathExpression",
    "Plan",
    "ValidationReport",
    "ValidationResult",
    "Validator",
    "compile_shapes",
    "validate",
]
