"""The downloadable interactive page: pyvis, laid out by column, with nothing loaded from a network."""

import html
import re

from aims_graph.errors import InputError
from aims_graph.trace import TraceGraph

MAX_NODES = 200
_COLOURS = {"met": "#1b6e2e", "not met": "#a11a0c", "unknown": "#7a5c00"}
# pyvis writes these even when asked to inline everything.
_REMOTE = re.compile(
    r"<(link|script)\b[^>]*(?:href|src)=\"(?:https?:)?//[^\"]*\"[^>]*>(?:\s*</script>)?"
)


def write_interactive(graph: TraceGraph) -> str:
    """One HTML file. Raises InputError above MAX_NODES nodes."""
    if len(graph.nodes) > MAX_NODES:
        raise InputError(
            f"{len(graph.nodes)} things are too many for the interactive page (at most {MAX_NODES})",
            hint="Use --format html or svg, which fold what does not fit",
        )
    from pyvis.network import Network  # noqa: PLC0415 - slow to import

    network = Network(
        height="90vh", width="100%", directed=True, cdn_resources="in_line", notebook=False
    )
    keys = {node.term: index for index, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        mark = f" [{node.state}]" if node.state else ""
        network.add_node(
            keys[node.term],
            label=_wrap(node.label) + mark,
            title=f"{node.kind}: {node.label}{mark}",
            level=node.column,
            shape="box",
            color=_COLOURS.get(node.state, "#4a5460"),
            font={"color": "#ffffff"},
        )
    for edge in graph.edges:
        network.add_edge(keys[edge.source], keys[edge.target], title=edge.label)
    network.set_options(
        '{"physics": {"enabled": false}, "interaction": {"hover": true, "navigationButtons": true,'
        ' "keyboard": true}, "layout": {"hierarchical": {"enabled": true, "direction": "LR",'
        ' "levelSeparation": 260, "nodeSpacing": 70, "sortMethod": "directed"}}}'
    )
    page = _REMOTE.sub("", str(network.generate_html(notebook=False)))
    # JSON inside a script element may not close it.
    page = page.replace("<title></title>", "")
    return page.replace("<head>", f"<head><title>{html.escape(graph.title)}</title>", 1)


def _wrap(text: str) -> str:
    words = text.split()
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
