"""A workspace: a folder with a journal, and the operations on what it records."""

from aims_graph.workspace.lines import source_graph
from aims_graph.workspace.policy import CommitBlockedError, FindingChange
from aims_graph.workspace.workspace import JOURNAL, Workspace

__all__ = ["JOURNAL", "CommitBlockedError", "FindingChange", "Workspace", "source_graph"]
