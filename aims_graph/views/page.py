"""A page to read and print: the picture, and a table that says the same."""

import html

from aims_graph.trace import TraceGraph, column_titles
from aims_graph.views.dot import MAX_NODES, fold
from aims_graph.views.picture import write_svg

_STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:96rem;padding:0 1rem;color:#1a2733}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
.picture{overflow:auto;border:1px solid #c5ccd3;padding:.5rem;background:#fff}
.picture svg{max-width:100%;height:auto;min-width:60rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #c5ccd3;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:#eef1f5}tr:target{outline:3px solid #1556b8}
.not-met{background:#fde8e6}.unknown{background:#fdf6dc}.met{background:#e7f5ea}
ul{margin:0;padding-left:1.1rem}.iri{font-size:.8rem;color:#4a5460}
@media print{body{margin:0;max-width:none}.picture{border:0;overflow:visible}.picture svg{min-width:0}}
"""
_MARKS = {"met": "✔ met", "not met": "✘ not met", "unknown": "? unknown"}


def write_page(graph: TraceGraph, *, as_of: str = "", limit: int = MAX_NODES) -> str:
    """One HTML file with everything in it; opens without a network."""
    boxes = fold(graph, limit)
    anchors = {node.term: box.key for box in boxes for node in box.nodes}
    labels = {node.term: node.label for node in graph.nodes}
    leads: dict[object, list[str]] = {}
    for edge in graph.edges:
        target = html.escape(labels[edge.target])
        link = f'{html.escape(edge.label)} <a href="#row-{anchors[edge.target]}">{target}</a>'
        leads.setdefault(edge.source, []).append(link)
    rows = []
    seen: set[str] = set()
    for node in graph.nodes:
        anchor = anchors[node.term]
        ident = "" if anchor in seen else f' id="row-{anchor}"'
        seen.add(anchor)
        links = "".join(f"<li>{item}</li>" for item in leads.get(node.term, ()))
        state = f'<td class="{node.state.replace(" ", "-")}">{_MARKS.get(node.state, "")}</td>'
        rows.append(
            f"<tr{ident}><td>{html.escape(column_titles()[node.column])}</td>"
            f'<th scope="row">{html.escape(node.label)}'
            f'<div class="iri">{html.escape(node.iri)}</div></th>'
            f"<td>{html.escape(node.kind)}</td>{state}<td>{f'<ul>{links}</ul>' if links else ''}</td></tr>"
        )
    title = html.escape(graph.title)
    date = f"<p>As of {html.escape(as_of)}. " if as_of else "<p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
        f"{date}{len(graph.nodes)} things, {len(graph.edges)} relations. The table below says what the "
        "picture shows.</p>"
        f'<div class="picture" tabindex="0">{write_svg(graph, limit=limit)}</div>'
        "<h2>The same as a table</h2><table><thead><tr>"
        '<th scope="col">Column</th><th scope="col">Thing</th><th scope="col">Kind</th>'
        '<th scope="col">State</th><th scope="col">Leads to</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></main></body></html>\n"
    )
