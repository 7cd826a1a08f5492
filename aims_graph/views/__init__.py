"""Pictures: layered SVG, pages with picture and table, an interactive page, and exports for other tools."""

from aims_graph.views.dot import write_dot
from aims_graph.views.exports import write_graphml, write_json, write_mermaid
from aims_graph.views.heat_map import cell_state, write_heat_map_page, write_heat_map_svg
from aims_graph.views.interactive import write_interactive
from aims_graph.views.page import write_page
from aims_graph.views.picture import write_svg

__all__ = [
    "cell_state",
    "write_dot",
    "write_graphml",
    "write_heat_map_page",
    "write_heat_map_svg",
    "write_interactive",
    "write_json",
    "write_mermaid",
    "write_page",
    "write_svg",
]
