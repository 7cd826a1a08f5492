"""Pages for callers who read some graphs: the same as of a workspace that holds nothing else."""

import random
import re
from datetime import date
from html import unescape
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from pyoxigraph import Literal, NamedNode, Quad

from aims_api import Settings, create_app
from aims_graph.vocabulary import AIMS, RDF, RDFS
from aims_graph.workspace import Workspace

OWN = ("urn:aims:source:records",)
WORDS = ("Nightfall", "nightfall", "Hidden", "urn:aims:source:secret", "#spy", "#zoe")
SPY = "https://shop.example/aims#spy"
QUERY = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o FILTER(STRSTARTS(STR(?s), 'urn:thing')) } } ORDER BY ?g ?s ?p ?o"
#: Pages that are about no one thing; a graph's name in the query text of the caller is their own.
PAGES = (
    "/pages/", "/pages/findings", "/pages/findings?sort=-severity", "/pages/records",
    "/pages/statement-of-applicability", "/pages/heat-map", "/pages/rules", "/pages/questions",
    "/pages/search?q=of", "/pages/search?q=night", "/pages/trend", "/pages/trend?by=entries",
    "/pages/trend.svg", "/pages/trend?as_of=2100-01-01&by=days", "/pages/documents", "/pages/what-if",
    "/pages/audits", "/pages/journal", "/pages/journal/1", "/pages/journal/2",
    f"/pages/query?query={quote(QUERY)}", f"/pages/query?as=csv&query={quote(QUERY)}",
    "/pages/query?query=SELECT%20%28COUNT%28%2A%29%20AS%20%3Fn%29%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D",
    "/exports/findings?format=csv", "/exports/gap-report?format=html",
    "/exports/risk-register?format=json", "/exports/statement-of-applicability?format=html",
)  # fmt: skip


def links(text):
    return [
        address
        for address in dict.fromkeys(map(unescape, re.findall(r'(?:href|src)="([^"]*)"', text)))
        if address.startswith(("/pages/", "/exports/", "/evidence/"))
        and not address.startswith("/pages/static/")
        and "format=pdf" not in address
        and "format=xlsx" not in address
    ]


def kind_of(address):
    return "/".join(re.sub(r"[?#].*", "", address).split("/")[:3])


def crawl(client, starts, most, each):
    """Address -> status and text, of the pages that are linked from the first ones; of one kind at most
    so many.
    """
    found, waiting, counts = {}, list(starts), {}
    while waiting and len(found) < most:
        address = waiting.pop(0)
        if address in found:
            continue
        answer = client.get(address, follow_redirects=False)
        found[address] = (answer.status_code, answer.text)
        for target in links(answer.text):
            counts[kind_of(target)] = counts.get(kind_of(target), 0) + (target not in found)
            if counts[kind_of(target)] <= each:
                waiting.append(target)
    return found


def test_no_page_names_what_is_in_a_foreign_graph(login):
    mine = login("auditor", read=OWN)
    named = [
        f"/pages/{page}/{quote(SPY, safe='')}{moment}"
        for page in ("things", "trace", "lineage")
        for moment in ("", "?as_of=2026-01-01", "?at=2")
    ]
    named += ["/pages/systems/spy", "/pages/systems/spy?at=2", "/pages/records/systems?q=night",
              "/pages/findings?q=night", "/pages/?at=2", "/pages/?at=1", "/pages/trend?at=2",
              "/pages/questions/dataset-upstream?dataset=" + quote(SPY)]  # fmt: skip
    found = crawl(mine, [*PAGES, *named], most=160, each=10)
    assert len(found) > 100
    for address, (status, text) in found.items():
        shown = text.replace(SPY, "") if "spy" in address else text
        told = [word for word in WORDS if word in shown]
        if "night" in address:
            told = [word for word in told if word != "nightfall"]
        assert not told, (address, status, told)
        assert status < 500, address


def test_a_foreign_thing_and_one_that_is_not_there_get_the_same_answer(login):
    mine = login("reader", read=OWN)
    for page in ("things", "trace", "lineage", "systems"):
        answers = []
        for iri in (SPY, SPY.replace("spy", "nil")):
            name = iri.partition("#")[2] if page == "systems" else quote(iri, safe="")
            answer = mine.get(f"/pages/{page}/{name}")
            answers.append((answer.status_code, answer.text.replace("spy", "nil")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404


def test_a_foreign_graph_changes_nothing_that_a_change_would_do(login):
    mine = login("reader", read=OWN)
    added = {"added": f"<{SPY}> a aims:AISystem ."}
    other = {"added": f"<{SPY.replace('spy', 'nil')}> a aims:AISystem ."}
    texts = [mine.post("/pages/what-if", data=data).text for data in (added, other)]
    assert "Nightfall" not in texts[0]
    fingerprints = re.compile(r"/pages/findings/[^\"]*")
    assert fingerprints.sub("", texts[0]).replace("spy", "nil").replace(
        quote(SPY, safe=""), ""
    ).count("<li>") == fingerprints.sub("", texts[1]).count("<li>")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_pages_are_those_of_a_copy_that_holds_only_the_callers_graphs(tmp_path, seed):
    chance = random.Random(seed)
    names = [f"urn:aims:source:g{number}" for number in range(4)]
    quads = [quad for name in names for quad in _some_quads(chance, name)]
    own = chance.sample(names, 2)
    found = []
    for folder, kept in (("whole", names), ("part", own)):
        workspace = Workspace.create(tmp_path / folder)
        # Foreign entries before and between ours must not show either.
        numbers = {}
        for name in names:
            if name in kept:
                mine = [quad for quad in quads if quad.graph_name.value == name]
                entry = workspace.commit(mine, reason="r", source="s")
                if name in own:
                    numbers[str(entry.sequence)] = f"N{len(numbers)}"
        settings = Settings(day=date(2026, 6, 30), rate=10_000, burst=100_000)
        app = create_app(workspace, settings=settings)
        key = app.state.core.keys.create("r", ["auditor"], read=own).text
        with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
            things = [
                f"/pages/{page}/{quote(f'urn:thing:{number}', safe='')}"
                for page in ("things", "trace", "lineage")
                for number in range(12)
            ]
            pages = crawl(client, [*PAGES, *things], most=110, each=6)
            found.append(
                {
                    _named(place, numbers): (status, _named(text, numbers))
                    for place, (status, text) in pages.items()
                }
            )
    whole, part = found
    assert len(whole) > 100
    assert whole.keys() == part.keys()
    for address, (status, text) in whole.items():
        assert status == part[address][0], address
        different = set(text.splitlines()) ^ set(part[address][1].splitlines())
        assert different == set(), address


def _named(text, numbers):
    """Entries have numbers that count what others write too; those of the caller are named in turn, and
    that of the last one, which every answer tells, is left out.
    """
    place = r"(\bat=|name=\"at\" value=\"|at entry )(\d+)\b(?!-)"
    text = re.sub(place, lambda found: found[1] + numbers[found[2]], text)
    text = re.sub(r"journal entry \d+", "journal entry", text)
    cell = r"(</a></th>)<td>(\d+)</td>(?=<td>\d+</td><td>\d+</td><td>\d+</td><td>)"
    return re.sub(cell, lambda found: found[1] + numbers[found[2]], text)


def _some_quads(chance, graph):
    things = [NamedNode(f"urn:thing:{number}") for number in range(12)]
    classes = ("AISystem", "Dataset", "Risk", "Person", "AIModel", "Evidence")
    properties = ("owner", "hasRisk", "usesModel", "usesDataset", "derivedFrom", "evidencedBy")
    name = NamedNode(graph)
    for _ in range(25):
        thing = chance.choice(things)
        yield Quad(thing, NamedNode(RDF + "type"), NamedNode(AIMS + chance.choice(classes)), name)
        yield Quad(thing, NamedNode(AIMS + chance.choice(properties)), chance.choice(things), name)
        yield Quad(thing, NamedNode(RDFS + "label"), Literal(f"Of {graph[-2:]}"), name)
