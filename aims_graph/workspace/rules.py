"""The rules that hold for an organization: ours, and its own."""

from collections.abc import Sequence
from pathlib import Path

from aims_graph.assessment import load_shapes
from aims_graph.columns import Columns
from aims_graph.ingest import read_columns


def read_rules_with(own: Sequence[Path]) -> Columns:
    """Our shapes and those of the files. Raises InputError when these are ill-formed."""
    shapes = load_shapes()
    return shapes.with_change(read_columns(own).triples(), []) if own else shapes
