"""A trace for other tools: JSON, GraphML, Mermaid."""

import json
from io import BytesIO

import networkx as nx

from aims_graph.characters import reveal
from aims_graph.trace import TraceGraph
from aims_graph.views.folding import row_keys
from aims_graph.views.text import clean


def write_json(graph: TraceGraph) -> str:
    """``start``, ``nodes`` (iri, label, kind, column, distance, state) and ``edges`` (source, label, target)."""
    iris = {node.term: node.iri for node in graph.nodes}
    return json.dumps(
        {
            "title": graph.title,
            "start": iris[graph.start],
            "nodes": [
                {
                    "iri": node.iri,
                    "label": node.label,
                    "kind": node.kind,
                    "column": graph.columns[node.column],
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
    """GraphML with label, kind, column and state of each node, label of each edge."""
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    traced = graph.to_networkx()
    iris = {node.term: clean(node.iri) for node in graph.nodes}
    for term, attributes in traced.nodes(data=True):
        plain.add_node(iris[term], **{name: clean(text) for name, text in attributes.items()})
    for source, target, attributes in traced.edges(data=True):
        plain.add_edge(iris[source], iris[target], label=clean(attributes["label"]))
    buffer = BytesIO()
    nx.write_graphml(plain, buffer)
    return buffer.getvalue().decode()


def write_mermaid(graph: TraceGraph) -> str:
    """A Mermaid flowchart, a subgraph a column; marks that Mermaid reads are written as entities."""
    keys = row_keys(graph)
    lines = ["flowchart LR"]
    for number, title in enumerate(graph.columns):
        members = [node for node in graph.nodes if node.column == number]
        if not members:
            continue
        lines.append(f'  subgraph column{number}["{_mermaid(title)}"]')
        for node in members:
            state = f" ({node.state})" if node.state else ""
            lines.append(f'    {keys[node.term]}["{_mermaid(node.label + state)}"]')
        lines.append("  end")
    lines += [
        f'  {keys[e.source]} -->|"{_mermaid(e.label)}"| {keys[e.target]}' for e in graph.edges
    ]
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    """Mermaid reads ``#name;`` and ``#number;`` inside quotes; a label may hold Markdown and HTML marks."""
    return "".join(
        c if c.isalnum() or c in " .,:()/-+" else f"#{ord(c)};"
        for c in " ".join(reveal(text).split())
    )
