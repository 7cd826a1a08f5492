"""Pictures: layered SVG, a page with picture and table, an interactive page, and exports for other tools."""

from aims_graph.views.dot import write_dot
from aims_graph.views.exports import write_graphml, write_json, write_mermaid
from aims_graph.views.interactive import write_interactive
from aims_graph.views.page import write_page
from aims_graph.views.picture import LayoutError, write_svg

__all__ = [
    "LayoutError",
    "write_dot",
    "write_graphml",
    "write_interactive",
    "write_json",
    "write_mermaid",
    "write_page",
    "write_svg",
]
