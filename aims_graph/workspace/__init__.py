"""A workspace: a folder with a journal, and the operations on what it records."""

from aims_graph.assessment import FindingChange
from aims_graph.workspace.folder import JOURNAL
from aims_graph.workspace.gate import CommitBlockedError
from aims_graph.workspace.lines import source_graph
from aims_graph.workspace.sign_offs import SignedOffError
from aims_graph.workspace.workspace import Workspace

__all__ = [
    "JOURNAL",
    "CommitBlockedError",
    "FindingChange",
    "SignedOffError",
    "Workspace",
    "source_graph",
]
