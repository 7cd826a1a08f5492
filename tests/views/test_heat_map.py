"""Requirement by system: the state is text in every cell, in the table and in the picture."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from aims_graph.views import cell_state, write_heat_map_svg

SVG = "{http://www.w3.org/2000/svg}"


class Cells(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        self._in = tag in ("th", "td")
        if self._in:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in = self._in and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self._in:
            self.rows[-1][-1] += data


def test_every_requirement_has_a_row_and_every_cell_a_text(heat_map: str) -> None:
    head, *rows = Cells(heat_map).rows
    assert head == ["Requirement", "Whole AIMS", "Pricing </td>", "Routing"]
    assert len(rows) == 70
    assert all(all(row) and len(row) == len(head) for row in rows)


def test_cells_say_what_the_rules_say_of_each_system(matrix, reader) -> None:
    pricing, routing = sorted(matrix.systems, key=str)
    roles = next(r for r in matrix.requirements if r.number == "A.3.2")

    def rules(system) -> set[str]:
        return {finding.rule.name for finding in matrix.cells[roles.iri, system].findings}

    assert rules(routing) - rules(pricing) == {"SystemHasOwner"}
    assert cell_state(matrix, roles, routing) == "not met"
    assert cell_state(matrix, roles, None) == "not met"
    left_out = next(r for r in matrix.requirements if r.number == "A.10.4")
    assert cell_state(matrix, left_out, pricing) == "excluded"
    policy = next(r for r in matrix.requirements if r.number == "5.2")
    assert cell_state(matrix, policy, pricing) == ""


def test_the_picture_has_the_same_texts(matrix, reader, heat_map: str) -> None:
    root = ET.fromstring(write_heat_map_svg(matrix, reader, as_of="2026-06-30"))
    drawn = [t.text for g in root.findall(SVG + "g") for t in g.findall(SVG + "text")]
    table = [cell for row in Cells(heat_map).rows[1:] for cell in row[1:]]
    assert len(drawn) == len(table)
    for short, full in zip(drawn, table, strict=True):
        assert full.startswith(short.removesuffix(" …"))
