"""Other tools read the exports back; labels stay labels in every one of them."""

import dataclasses
import html
import json
import math
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import networkx as nx
import pytest

from aims_graph.errors import InputError
from aims_graph.views import (
    write_dot,
    write_graphml,
    write_interactive,
    write_json,
    write_mermaid,
    write_page,
    write_svg,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = os.environ.get("AIMS_AXE", "")


class Elements(HTMLParser):
    """Names and attributes of the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_graphml_is_read_back_as_the_same_graph(small) -> None:
    graph = nx.read_graphml(BytesIO(write_graphml(small).encode()), force_multigraph=True)
    iris = {node.iri: node for node in small.nodes}
    assert {n: d["label"] for n, d in graph.nodes(data=True)} == {
        i: n.label for i, n in iris.items()
    }
    assert {d["state"] for _, d in graph.nodes(data=True)} == {"met", "not met", "unknown", ""}
    found = sorted((s, d["label"], t) for s, t, d in graph.edges(data=True))
    assert found == sorted((e.source.value, e.label, e.target.value) for e in small.edges)


def test_graphml_keeps_hostile_labels(hostile) -> None:
    graph = nx.read_graphml(BytesIO(write_graphml(hostile).encode()), force_multigraph=True)
    assert {d["label"] for _, d in graph.nodes(data=True)} == {hostile.title}


def test_json_has_every_node_and_edge(small) -> None:
    found = json.loads(write_json(small))
    assert found["start"] == small.start.value
    assert [n["iri"] for n in found["nodes"]] == [n.iri for n in small.nodes]
    assert len(found["edges"]) == len(small.edges)


def test_mermaid_has_no_mark_of_its_own_in_a_label(hostile) -> None:
    for label in re.findall(r'\["(.*?)"\]', write_mermaid(hostile)):
        assert not re.search(r"[<>\"`\\|\[\]{}&]", label)
        plain = re.sub(r"#(\d+);", lambda m: chr(int(m.group(1))), label)
        assert plain.startswith(" ".join(hostile.title.split()))


def test_dot_strings_stay_closed(hostile) -> None:
    strings = re.sub(r'"(?:[^"\\]|\\.)*"', '""', write_dot(hostile))
    assert "onerror" not in strings
    assert '"' not in strings.replace('""', "")


@pytest.mark.parametrize("write", [write_page, write_interactive, write_svg])
def test_a_hostile_label_makes_no_element_and_no_handler(hostile, write) -> None:
    elements = Elements(write(hostile)).found
    assert "img" not in {tag for tag, _ in elements}
    assert not [attrs for _, attrs in elements if any(name.startswith("on") for name in attrs)]


def test_the_page_has_no_script_and_loads_nothing(small) -> None:
    elements = Elements(write_page(small)).found
    assert not {tag for tag, _ in elements} & {"script", "link", "iframe", "object", "img"}
    links = [attrs["href"] for _, attrs in elements if "href" in attrs]
    ids = [attrs["id"] for _, attrs in elements if attrs.get("id")]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    assert len(ids) == len(set(ids))


def test_folded_groups_open_and_lead_to_their_rows(crowded) -> None:
    elements = Elements(write_page(crowded(300))).found
    assert "details" in {tag for tag, _ in elements}
    ids = {attrs.get("id") for _, attrs in elements}
    assert all(attrs["href"][1:] in ids for tag, attrs in elements if tag == "a")


def test_the_interactive_page_loads_nothing(small) -> None:
    elements = Elements(write_interactive(small)).found
    assert not [
        a for _, a in elements if re.match(r"(https?:)?//", a.get("src") or a.get("href") or "")
    ]


def test_the_interactive_page_places_boxes_by_column_without_physics(crowded) -> None:
    graph = crowded(100)
    page = write_interactive(graph)
    found = re.search(r"nodes = new vis\.DataSet\((\[.*?\])\);", page)
    nodes = {node["id"]: node for node in json.loads(found.group(1))}
    boxes = [node for node in nodes.values() if node["shape"] == "box"]
    assert len(boxes) == 100
    assert len({(box["x"], box["y"]) for box in boxes}) == 100
    left = [
        nodes[f"column{column}"]["x"] for column in range(max(n.column for n in graph.nodes) + 1)
    ]
    assert left == sorted(set(left))
    for number, node in enumerate(graph.nodes):
        after = left[node.column + 1 : node.column + 2] or [math.inf]
        assert left[node.column] <= nodes[f"n{number}"]["x"] < after[0]
    assert '"physics": {"enabled": false}' in page


def test_the_interactive_page_begins_where_text_can_be_read(crowded) -> None:
    graph = crowded(100)
    start = next(i for i, node in enumerate(graph.nodes) if node.term == graph.start)
    page = write_interactive(graph)
    assert page.index("drawGraph();") < page.index(f'network.getPosition("n{start}")')


def test_the_interactive_page_refuses_what_it_cannot_show(crowded) -> None:
    with pytest.raises(InputError):
        write_interactive(crowded(201))


def _dump(page: Path, folder: Path) -> str:
    """The document after its scripts have run, in a browser without network."""
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder}", "--virtual-time-budget=8000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_a_hostile_label_runs_nothing_in_a_browser(hostile, tmp_path: Path) -> None:
    hook = "<script>window.alert=function(){document.title='ran'}</script>"
    page = tmp_path / "page.html"
    page.write_text(
        write_interactive(hostile).replace("<head>", f"<head>{hook}", 1), encoding="utf-8"
    )
    dom = _dump(page, tmp_path / "profile")
    assert "<title>ran</title>" not in dom
    assert "<canvas" in dom


@pytest.mark.skipif(not CHROMIUM or not AXE, reason="needs chromium and AIMS_AXE=axe.min.js")
@pytest.mark.parametrize("which", ["trace", "folded", "heat map"])
def test_axe_finds_no_violation(crowded, small, heat_map, tmp_path: Path, which: str) -> None:
    pages = {"trace": write_page(small), "folded": write_page(crowded(200)), "heat map": heat_map}
    run = (
        "<script>axe.run().then(r=>{const p=document.createElement('pre');p.id='axe';"
        "p.textContent=JSON.stringify(r.violations.map(v=>[v.id,v.nodes.map(n=>n.html)]));"
        "document.body.append(p)})</script>"
    )
    script = f"<script>{Path(AXE).read_text(encoding='utf-8')}</script>"
    page = tmp_path / "page.html"
    page.write_text(pages[which].replace("</html>", f"{script}{run}</html>"), encoding="utf-8")
    result = re.search(r'<pre id="axe">(.*?)</pre>', _dump(page, tmp_path / "profile"), re.DOTALL)
    assert result is not None
    assert json.loads(result.group(1)) == []


@pytest.mark.parametrize("write", [write_dot, write_mermaid, write_svg, write_graphml, write_page])
def test_labels_show_what_is_unseen_or_turns_the_order_of_text(small, write) -> None:
    label = "\u202etxt.exe\u202c a\u200bb"
    nodes = tuple(dataclasses.replace(node, label=label) for node in small.nodes)
    text = write(dataclasses.replace(small, title=label, nodes=nodes))
    assert not set("\u202e\u202c\u200b").intersection(html.unescape(text))
    assert "#8238;" not in text
    assert "u202etxt" in text


def test_labels_of_the_interactive_page_show_what_is_unseen(small) -> None:
    nodes = tuple(dataclasses.replace(node, label="a\u200bb") for node in small.nodes)
    text = write_interactive(dataclasses.replace(small, nodes=nodes))
    assert r'"label": "a\\u200bb' in text  # the backslash is a character of the label
    assert r'"a\u200bb' not in text
