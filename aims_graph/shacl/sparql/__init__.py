"""SHACL-SPARQL: ``sh:sparql`` constraints and SPARQL-based constraint components, run on columns.

What the shape compiler calls::

    compile_constraint(shapes, constraint_node, shape_node, path=path) -> SparqlConstraint | None
    compile_components(shapes, shape_node, path=path)                  -> list[SparqlConstraint]

``shapes`` is a ShapesGraph, ``path`` the path of a property shape (None for a node shape); None comes back
for a constraint with ``sh:deactivated true``. Ill-formed queries raise InputError, which names the shape.

What the validator calls::

    constraint.evaluate(data, focus, value) -> Violations
    constraint.affected(old, new, added, removed) -> ids | None
    constraint.predicates

``focus`` and ``value`` are the rows (focus node, value node) of the shape as ids of the data's dictionary; only
ASK validators (``constraint.per_value``) look at ``value``. ``affected`` gives the focus nodes whose results a
change may alter, None for all of them. The supported language is described in README.md beside this file.
"""

from .constraint import SparqlConstraint, Violations
from .shapes import compile_components, compile_constraint

__all__ = ["SparqlConstraint", "Violations", "compile_components", "compile_constraint"]
