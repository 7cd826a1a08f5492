"""The layered picture: nothing overlaps or overflows, states by word and shape, structure as written down."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from aims_graph.trace import Edge
from aims_graph.views import write_dot, write_mermaid, write_page, write_svg
from aims_graph.views.folding import fold, lines
from aims_graph.views.text import clean, width, wrap

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def outline(svg: str) -> str:
    """What a picture says, without places: titles, boxes with text, look and link, lines with labels."""
    root = ET.fromstring(svg)
    found = [f"svg {root.get('role')} {root.findtext(SVG + 'title')}"]
    for child in root:
        if child.tag == SVG + "text":
            found.append(f"text {child.text}")
        elif child.tag in (SVG + "a", SVG + "g") and child.find(SVG + "rect") is not None:
            box = child.find(SVG + "rect")
            text = " / ".join(line.text or "" for line in child.iter(SVG + "text"))
            look = " ".join(f"{n}={box.get(n)}" for n in ("rx", "stroke-width", "stroke-dasharray"))
            found.append(
                f"box [{text}] {look} -> {child.get('href')} ({child.findtext(SVG + 'title')})"
            )
        elif child.tag == SVG + "g":
            found += [
                f"line {path.findtext(SVG + 'title')} {path.get('stroke-dasharray')}"
                for path in child
            ]
    return "\n".join(found) + "\n"


def table(page: str) -> str:
    """The table of a page, a line a row and a cell."""
    found = re.search(r"<table.*</table>", page, re.DOTALL)
    assert found is not None
    return re.sub(r"(?=<t[rhd][ >])", "\n", found.group()) + "\n"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("trace.svg.txt", lambda graph: outline(write_svg(graph))),
        ("trace.dot", write_dot),
        ("trace.mmd", write_mermaid),
        ("trace.table.html", lambda graph: table(write_page(graph, as_of="2026-06-30"))),
    ],
)
def test_the_export_is_the_one_written_down(small, name: str, write) -> None:
    assert write(small) == (GOLDEN / name).read_text(encoding="utf-8")


def _boxes(svg: str) -> list[tuple[float, float, float, float, list[str]]]:
    root = ET.fromstring(svg)
    found = []
    for child in root:
        if child.tag in (SVG + "a", SVG + "g"):
            rectangles = child.findall(SVG + "rect")
            if rectangles:
                left, top, wide, high = (
                    float(rectangles[-1].get(n)) for n in ("x", "y", "width", "height")
                )
                texts = [text.text for text in child.iter(SVG + "text")]
                found.append((left, top, left + wide, top + high, texts))
    return found


@pytest.mark.parametrize("count", [1, 12, 60, 400])
def test_boxes_neither_overlap_nor_overflow(crowded, count: int) -> None:
    svg = write_svg(crowded(count))
    boxes = _boxes(svg)
    assert 0 < len(boxes) <= 85
    for i, (left, top, right, bottom, texts) in enumerate(boxes):
        assert all(width(text, 12) <= right - left for text in texts)
        assert 15 * len(texts) < bottom - top
        for other in boxes[i + 1 :]:
            apart = other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
            assert apart
    size = [float(v) for v in ET.fromstring(svg).get("viewBox").split()]
    assert all(b[0] >= 0 and b[2] <= size[2] and b[1] >= 0 and b[3] <= size[3] for b in boxes)


def _points(path: str) -> list[tuple[float, float]]:
    """Points along a path of M, C and H, twenty a bend."""
    points: list[tuple[float, float]] = []
    for kind, text in re.findall(r"([MCH])([^MCH]*)", path):
        numbers = [float(number) for number in text.split()]
        if kind == "M":
            points.append((numbers[0], numbers[1]))
        elif kind == "H":
            points += [
                (points[-1][0] + (numbers[0] - points[-1][0]) * t / 20, points[-1][1])
                for t in range(1, 21)
            ]
        else:
            a, b, c, d = points[-1], numbers[:2], numbers[2:4], numbers[4:]
            for i in range(1, 21):
                t = i / 20
                u = 1 - t
                x, y = (
                    u**3 * a[k] + 3 * u * u * t * b[k] + 3 * u * t * t * c[k] + t**3 * d[k]
                    for k in (0, 1)
                )
                points.append((x, y))
    return points  # fmt: skip


@pytest.mark.parametrize("count", [12, 60, 400])
def test_no_line_runs_through_a_box(crowded, count: int) -> None:
    from dataclasses import replace

    graph = crowded(count)
    terms = [node.term for node in graph.nodes]
    # Some lines run back, over one column and over several, or stay in theirs.
    back = [Edge(terms[-1 - i], "back", terms[i * 3 % count]) for i in range(count // 2)]
    svg = write_svg(replace(graph, edges=(*graph.edges, *back)))
    boxes = _boxes(svg)
    paths = [
        p.get("d") for g in ET.fromstring(svg).iter(SVG + "g") for p in g.findall(SVG + "path")
    ]
    assert len(paths) > 5
    for path in paths:
        for x, y in _points(path):
            assert not [b for b in boxes if b[0] + 1 < x < b[2] - 1 and b[1] + 1 < y < b[3] - 1]


@pytest.mark.parametrize("agent", [False, True])
def test_the_legend_fits_the_narrowest_picture(small, agent: bool) -> None:
    *_, last = small.nodes
    owner = [edge for edge in small.edges if edge.target == last.term][:1]
    nodes = [n for n in small.nodes if n.term in {owner[0].source, last.term}]
    nodes[-1] = replace(last, agent=agent)
    graph = replace(small, nodes=tuple(nodes), edges=tuple(owner))
    root = ET.fromstring(write_svg(graph))
    texts = [text for text in root.findall(SVG + "text") if text.get("text-anchor") == "start"]
    assert texts[-1].text == ("who answers for it" if agent else "not judged by itself")
    ends = [float(text.get("x")) + width(text.text, 12.0) for text in texts]
    assert max(ends) < float(root.get("width"))


def test_what_does_not_fit_is_folded_into_counted_groups(crowded) -> None:
    graph = crowded(400)
    boxes = fold(graph)
    groups = [box for box in boxes if box.is_group]
    assert sum(len(box.nodes) for box in boxes) == 400
    assert all(str(len(box.nodes)) in box.text for box in groups)
    assert any(box.nodes[0].term == graph.start and not box.is_group for box in boxes)
    assert {box.state for box in groups} >= {"not met"}


def test_a_line_that_a_longer_way_says_too_is_left_out(small) -> None:
    said = {line.labels for line in lines(small, fold(small))}
    assert ("protects",) not in said
    assert ("owner",) in said


def test_states_differ_without_colour(small) -> None:
    text = outline(write_svg(small))
    assert "✘ not met" in text
    assert "rx=0 " in text
    assert "stroke-dasharray=5 3" in text


def test_a_link_never_runs_a_program(small) -> None:
    from dataclasses import replace

    from pyoxigraph import NamedNode

    bad = replace(small.nodes[0], term=NamedNode("javascript:alert(1)"))
    graph = replace(small, start=bad.term, nodes=(bad,), edges=())
    assert "javascript:" not in write_svg(graph)


def test_labels_with_characters_that_xml_lacks_are_drawn(small) -> None:
    from dataclasses import replace

    odd = replace(small.nodes[0], label="A\x00B\x0b \ud800")
    ET.fromstring(write_svg(replace(small, nodes=(odd,), edges=())).encode("utf-8"))


@pytest.mark.parametrize("text", ["", "word", "a" * 300, "many short words " * 30, "漢字" * 60])
def test_wrapped_text_fits(text: str) -> None:
    wrapped = wrap(clean(text), 140, 12, 4)
    assert len(wrapped) <= 4
    assert all(width(line, 12) <= 140 for line in wrapped)
