"""The mapping of the US federal inventory: what it counts, and that it invents nothing."""

import csv

import pyoxigraph as ox
import pytest

from aims_graph.ingest import ingest
from aims_graph.vocabulary import AIMS, PREFIXES

DEPLOYED = "?s a aims:AISystem ; aims:impactLevel aims:HighImpact ; aims:systemStage aims:OperationAndMonitoring"


class Inventory:
    def __init__(self, root, path):
        self.report = (
            found := ingest([path], mapping=root / "examples/federal-inventory/mapping.yaml")
        ).report
        self.store = ox.Store()
        self.store.bulk_extend(found.quads)

    def count(self, pattern):
        query = f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {pattern} }}"
        return int(next(iter(self.store.query(query, prefixes=dict(PREFIXES))))["n"].value)

    def ask(self, pattern):
        return bool(self.store.query(f"ASK {{ {pattern} }}", prefixes=dict(PREFIXES)))


@pytest.fixture(scope="module")
def inventory(shared, root):
    folder = shared / "data" / "us-federal-ai-inventory-2025"
    return Inventory(root, folder / "2025_individually_reported_AI_use_cases.csv")


@pytest.fixture(scope="module")
def excerpt_path(root):
    return root / "examples/federal-inventory/excerpt_individually_reported.csv"


@pytest.fixture(scope="module")
def excerpt(root, excerpt_path):
    return Inventory(root, excerpt_path)


def test_each_row_is_one_system_and_each_agency_one_management_system(inventory):
    assert inventory.report.rows == 3611
    assert inventory.count("?s a aims:AISystem") == 3611
    assert inventory.count("?s a aims:Organization ; rdfs:label ?l") == 41
    partial = "a aims:AIManagementSystem ; aims:recordCompleteness aims:PartialRecord"
    assert inventory.count(f"?s {partial}") == 41
    assert inventory.count("?a aims:governs ?s . ?s a aims:AISystem") == 3611


def test_high_impact_systems_are_counted_by_stage(inventory):
    high = "?s a aims:AISystem ; aims:impactLevel aims:HighImpact"
    assert inventory.count(high) == 445
    stages = ("OperationAndMonitoring", "DesignAndDevelopment", "Retirement", "PilotOperation")
    found = [inventory.count(f"{high} ; aims:systemStage aims:{stage}") for stage in stages]
    assert found == [227, 140, 55, 23]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("hasVerification", (44, 81, 102)),
        ("hasImpactAssessment", (36, 90, 101)),
        ("hasMonitoring", (40, 85, 102)),
    ],
)
def test_done_in_progress_and_not_reported_stay_apart(inventory, link, expected):
    done = inventory.count(f"{DEPLOYED} ; aims:{link}/aims:status aims:Completed")
    going = inventory.count(f"{DEPLOYED} ; aims:{link}/aims:status aims:InProgress")
    silent = inventory.count(f"{DEPLOYED} ; aims:notReported aims:{link}")
    assert (done, going, silent) == expected
    assert not inventory.ask(f"?s aims:notReported aims:{link} ; aims:{link} ?x")


def test_nothing_of_the_inventory_is_lost_in_silence(inventory, shared):
    (source,) = inventory.report.sources
    assert source.unmapped == {}
    folder = shared / "data" / "us-federal-ai-inventory-2025"
    path = folder / "2025_individually_reported_AI_use_cases.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for column in ("hi_training_established", "hi_ongoing_monitoring", "classification"):
        blank = sum(1 for row in rows if not row[column].strip())
        assert source.not_reported[column] == blank
    strange = {
        item.value
        for item in inventory.report.not_understood
        if item.column == "hi_ongoing_monitoring"
    }
    assert len(strange) == 1


def test_every_date_is_read(inventory):
    assert not [n for n in inventory.report.not_understood if n.column == "operational_date"]
    assert inventory.count("?s aims:deployedOn ?d FILTER(datatype(?d) != xsd:date)") == 0
    assert inventory.count("?s aims:deployedOn|aims:dueDate ?d") == 3611 - 2209


def test_the_words_of_the_mapping_are_words_of_the_vocabulary(inventory, root):
    known = set()
    for path in (root / "ontology").glob("*.ttl"):
        known |= {quad.subject for quad in ox.parse(path=path)}
    used = {
        term
        for quad in inventory.store
        for term in (quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and term.value.startswith(AIMS)
    }
    assert used <= known


def test_the_excerpt_shows_the_hard_cases(excerpt, excerpt_path):
    with excerpt_path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert excerpt.count("?s a aims:AISystem") == len(rows)
    notes = {note.message.partition(": ")[2] for note in excerpt.report.notes}
    assert "the id is blank, made from the row" in notes
    assert "the id is taken, a number was added" in notes
    assert "a month, taken as its first day" in notes
    assert [item.column for item in excerpt.report.not_understood] == ["hi_training_established"]


def test_a_blank_is_not_reported_and_an_answer_is_not_a_blank(excerpt):
    base = "https://example.org/us-federal-ai-inventory-2025/system"
    silent = f"<{base}/va/va-25-5313>"
    assert excerpt.ask(f"{silent} aims:notReported aims:hasVerification, aims:hasImpactAssessment")
    assert not excerpt.ask(f"{silent} aims:hasVerification ?x")
    going = f"<{base}/doj/doj-0122>"
    assert excerpt.ask(f"{going} aims:hasVerification/aims:status aims:InProgress")
    assert not excerpt.ask(f"{going} aims:notReported aims:hasVerification")
    assert excerpt.ask(
        '?d aims:deployedOn "2025-01-01"^^xsd:date ; rdfs:comment ?c FILTER(CONTAINS(?c, "01/2025"))'
    )


def test_the_figures_of_the_readme_are_those_of_the_data(inventory, root):
    text = (root / "examples/federal-inventory/README.md").read_text(encoding="utf-8")
    assert f"{inventory.report.triples:,} triples" in text
    assert f"The {len(inventory.report.not_understood)} values" in text
    query = text.split("```sparql\n")[1].split("```")[0]
    rows = {
        str(row["status"]).rpartition("#")[2].strip(">"): int(row["systems"].value)
        for row in inventory.store.query(query)
    }
    assert rows == {"Completed": 36, "InProgress": 90, "None": 101}
