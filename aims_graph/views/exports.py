"""A trace for other tools: JSON, GraphML, Mermaid."""

import json
from io import BytesIO

import networkx as nx

from aims_graph.trace import TraceGraph, column_titles


def write_json(graph: TraceGraph) -> str:
    """``start``, ``nodes`` (iri, label, kind, column, distance, state) and ``edges`` (source, label, target)."""
    iris = {node.term: node.iri for node in graph.nodes}
    titles = column_titles()
    return json.dumps(
        {
            "title": graph.title,
            "start": iris[graph.start],
            "nodes": [
                {
                    "iri": node.iri,
                    "label": node.label,
                    "kind": node.kind,
                    "column": titles[node.column],
                    "distance": node.distance,
                    "state": node.state or None,
                }
                for node in graph.nodes
            ],
            "edges": [
                {"source": iris[e.source], "label": e.label, "target": iris[e.target]}
                for e in graph.edges
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def write_graphml(graph: TraceGraph) -> str:
    """GraphML with label, kind and state of each node, label of each edge."""
    named = nx.relabel_nodes(graph.to_networkx(), {node.term: node.iri for node in graph.nodes})
    buffer = BytesIO()
    nx.write_graphml(named, buffer)
    return buffer.getvalue().decode()


def write_mermaid(graph: TraceGraph) -> str:
    """A Mermaid flowchart; labels are quoted, and marks that Mermaid reads are written as entities."""
    keys = {node.term: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        state = f" ({node.state})" if node.state else ""
        lines.append(f'  {keys[node.term]}["{_mermaid(node.label + state)}"]')
    lines += [
        f'  {keys[e.source]} -->|"{_mermaid(e.label)}"| {keys[e.target]}' for e in graph.edges
    ]
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    entities = {"#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "`": "#96;"}
    return "".join(entities.get(c, c) for c in " ".join(text.split()))
