"""A page to read and print: the picture, the groups it folds, and a table that says the same."""

from aims_graph.columns.reader import Term
from aims_graph.trace import TraceGraph
from aims_graph.views.folding import MAX_BOXES, Box, fold, row_keys
from aims_graph.views.looks import look
from aims_graph.views.picture import write_svg
from aims_graph.views.style import page
from aims_graph.views.text import escape


def write_page(graph: TraceGraph, *, as_of: str = "", limit: int = MAX_BOXES) -> str:
    """One HTML file with everything in it; opens without a network."""
    title = escape(graph.title)
    date = f"As of {escape(as_of)}. " if as_of else ""
    picture = write_svg(graph, limit=limit, link=lambda box: f"#row-{box.key}")
    groups = [box for box in fold(graph, limit) if box.is_group]
    return page(
        title,
        f"<p>{date}{len(graph.nodes)} things, {len(graph.edges)} relations. A box leads to its row in the "
        "table, which says all that the picture shows and the relations it leaves out because a longer way "
        "says them too.</p>"
        f'<div class="picture scroll" tabindex="0" role="region" aria-label="Picture">{picture}</div>'
        f"{_folded(graph, groups)}<h2>The same as a table</h2>{_table(graph)}",
    )


def _folded(graph: TraceGraph, groups: list[Box]) -> str:
    """The counted groups, each of which opens; the browser opens the one that a link leads to."""
    if not groups:
        return ""
    keys = row_keys(graph)
    parts = []
    for box in groups:
        items = "".join(
            f'<li><a href="#row-{keys[node.term]}">{escape(node.label)}</a> {look(node.state).text}</li>'
            for node in box.nodes
        )
        column = escape(graph.columns[box.column])
        parts.append(
            f"<details><summary>{column}: {escape(box.text)}</summary>"
            f'<ul id="row-{box.key}">{items}</ul></details>'
        )
    return f"<h2>Folded in the picture</h2>{''.join(parts)}"


def _table(graph: TraceGraph) -> str:
    keys = row_keys(graph)
    labels = {node.term: node.label for node in graph.nodes}
    leads: dict[Term, list[str]] = {}
    for edge in graph.edges:
        link = f'<a href="#row-{keys[edge.target]}">{escape(labels[edge.target])}</a>'
        leads.setdefault(edge.source, []).append(f"<li>{escape(edge.label)} {link}</li>")
    rows = []
    for node in graph.nodes:
        style = look(node.state)
        links = "".join(leads.get(node.term, ()))
        rows.append(
            f'<tr id="row-{keys[node.term]}"><td>{escape(graph.columns[node.column])}</td>'
            f'<th scope="row">{escape(node.label)}<div class="iri">{escape(node.iri)}</div></th>'
            f'<td>{escape(node.kind)}</td><td class="{style.css}">{style.text}</td>'
            f"<td>{f'<ul>{links}</ul>' if links else ''}</td></tr>"
        )
    return (
        '<table class="wide"><thead><tr><th scope="col">Column</th><th scope="col">Thing</th>'
        '<th scope="col">Kind</th><th scope="col">State</th><th scope="col">Leads to</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
