"""Traceability and lineage: what leads from a requirement to systems, data, evidence and people."""

from aims_graph.trace.graph import Node, TraceGraph, column_titles, lineage, trace
from aims_graph.trace.selection import BOTH, DOWN, UP, Edge

__all__ = ["BOTH", "DOWN", "UP", "Edge", "Node", "TraceGraph", "column_titles", "lineage", "trace"]
