"""Traceability and lineage: what leads from a requirement to systems, data, evidence and people."""

from aims_graph.trace.dependence import Coverage, CriticalControl, Dependence, Dependences
from aims_graph.trace.difference import Difference, compare
from aims_graph.trace.graph import Node, TraceGraph, lineage, trace
from aims_graph.trace.impact import EVENTS, touched
from aims_graph.trace.loose_ends import LooseEnd, find_loose_ends
from aims_graph.trace.paths import Step, find_path
from aims_graph.trace.selection import BOTH, DOWN, UP, Edge

__all__ = [
    "BOTH",
    "DOWN",
    "EVENTS",
    "UP",
    "Coverage",
    "CriticalControl",
    "Dependence",
    "Dependences",
    "Difference",
    "Edge",
    "LooseEnd",
    "Node",
    "Step",
    "TraceGraph",
    "compare",
    "find_loose_ends",
    "find_path",
    "lineage",
    "touched",
    "trace",
]
