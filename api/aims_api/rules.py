"""The rules in force: ontology, shapes and their compiled plan, read again when a file changes."""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aims_graph.assessment import load_ontology
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.shacl import compile_shapes
from aims_graph.shacl.plan import Plan
from aims_graph.workspace import Workspace
from aims_graph.workspace.rules import read_rules_with


@dataclass(frozen=True, slots=True)
class Rules:
    version: str
    ontology: Columns
    shapes: Columns
    plan: Plan
    #: Of the shapes; one for all evaluations, so that what it says is read once.
    reader: Reader


class RulesInForce:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()

    def get(self) -> Rules:
        """Raises InputError when the workspace's own shapes are ill-formed."""
        workspace = self._workspace
        with self._lock:
            return _load(workspace.rules_version(), tuple(workspace.shapes), workspace.iso_text)


@lru_cache(maxsize=4)
def _load(version: str, own: tuple[Path, ...], iso_text: Path | None) -> Rules:
    shapes = read_rules_with(own)
    plan = compile_shapes(shapes)
    return Rules(version, load_ontology(iso_text), shapes, plan, Reader(shapes))
