"""What every rule file owes its readers: source, severity, message, level; queries that all engines read."""

import re
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import DCTERMS, OWL, RDF, SH, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node
from rule_files import (
    AIMS,
    FIXTURES,
    ISO42001,
    PREFIXES,
    ROOT,
    alone,
    local_name,
    ontology,
    rules,
    shapes,
)

from aims_graph.cli.app import MODULES
from aims_graph.vocabulary import BASE

SEVERITIES = {SH.Violation, SH.Warning, SH.Info}
LEVEL, NOT_JUDGED = URIRef(AIMS + "level"), URIRef(AIMS + "notJudgedBecause")
REQUIREMENTS = [URIRef(AIMS + name) for name in ("RequirementClause", "AnnexAControl")]
FILES = sorted((ROOT / "shapes").glob("*.ttl"))


@pytest.mark.parametrize("rule", rules(), ids=local_name)
def test_a_rule_says_where_it_comes_from_how_grave_it_is_and_what_to_do(rule: URIRef) -> None:
    graph = shapes()
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", local_name(rule)), (
        "named as an assertion in UpperCamelCase"
    )
    sources = list(graph.objects(rule, DCTERMS.source))
    assert sources, "dct:source names the clause or control"
    for source in sources:
        assert any((source, RDF.type, cls) in ontology() for cls in REQUIREMENTS), source
    severities = list(graph.objects(rule, SH.severity))
    assert len(severities) == 1
    assert severities[0] in SEVERITIES
    assert (graph.value(rule, LEVEL), RDF.type, URIRef(AIMS + "AssessmentLevel")) in ontology()
    messages = list(graph.objects(rule, SH.message))
    assert [message.language for message in messages if isinstance(message, Literal)] == ["en"]
    assert re.fullmatch(r"[A-Z{].*\.", messages[0]), "the message is a sentence"


_WORD = re.compile(r"\b[A-Za-z]+[a-z][A-Z]\w*|\bAI[A-Z]\w+")
REMEDIES = [rule for rule in rules() if (rule, URIRef(AIMS + "remedy"), None) in shapes()]


@pytest.mark.parametrize("rule", REMEDIES, ids=local_name)
def test_a_remedy_is_a_step_in_terms_and_commands_that_there_are(rule: URIRef) -> None:
    (remedy,) = shapes().objects(rule, URIRef(AIMS + "remedy"))
    assert re.fullmatch(r"[A-Z].*\.", remedy), "a sentence"
    assert remedy not in shapes().value(rule, SH.message)
    for word in _WORD.findall(remedy):
        assert URIRef(AIMS + word) in defined(), word
    for number in re.findall(r"iso42001:([\d.]*\d)", remedy):
        assert URIRef(ISO42001 + number) in defined(), number
    for command in re.findall(r"\baims ([a-z]+)", remedy):
        assert any(command in commands for commands in MODULES.values()), command
    for query in re.findall(r"\baims query ([a-z-]+)", remedy):
        assert (ROOT / "queries" / f"{query}.rq").is_file(), query


def test_remedies_are_there_for_what_an_audit_asks_first() -> None:
    assert len(REMEDIES) >= 60
    helped = {str(source) for rule in REMEDIES for source in shapes().objects(rule, DCTERMS.source)}
    wanted = "4.3 5.2 6.1.1 6.1.2 6.1.3 6.1.4 8.2 8.3 8.4 9.2.1 9.2.2 9.3.1 9.3.2 9.3.3 10.2 A.6.2.5 A.7.4"
    assert {ISO42001 + number for number in wanted.split()} <= helped


@cache
def defined() -> set[Node]:
    return set(ontology().subjects())


@pytest.mark.parametrize("rule", rules(), ids=local_name)
def test_a_rule_and_its_fixtures_use_only_terms_that_the_ontology_has(rule: URIRef) -> None:
    part = alone(rule)
    used = {term for triple in part for term in triple if isinstance(term, URIRef)}
    for text in part.objects(None, SH.select):
        used |= set(re.findall(r"\b(?:aims|iso42001):[\w.]*\w", str(text)))
    for kind in ("conforms", "violates"):
        data = Graph().parse(FIXTURES / local_name(rule) / f"{kind}.ttl")
        used |= {term for triple in data for term in triple if isinstance(term, URIRef)}
    namespaces = {"aims:": AIMS, "iso42001:": ISO42001}
    full = {URIRef(re.sub(r"^(aims|iso42001):", lambda m: namespaces[m[0]], term)) for term in used}
    assert {t for t in full if t.startswith((AIMS, ISO42001))} - defined() == set()


SELECTS = [(rule, str(text)) for rule in rules() for text in alone(rule).objects(None, SH.select)]


@pytest.mark.parametrize(("rule", "text"), SELECTS, ids=[local_name(rule) for rule, _ in SELECTS])
def test_a_query_is_read_by_every_engine(rule: URIRef, text: str) -> None:
    declared = {
        str(shapes().value(node, SH.prefix)): str(shapes().value(node, SH.namespace))
        for node in shapes().objects(PREFIXES, SH.declare)
    }
    prepareQuery(text.replace("$PATH", "rdf:value"), initNs=declared)
    header = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in declared.items())
    pyoxigraph.Store().query(header + text.replace("$PATH", "rdf:value"))
    assert re.match(r"\s*SELECT (DISTINCT )?\$this\b", text), "selects $this first"
    # SHACL forbids MINUS, VALUES and SERVICE beside pre-bound variables; the rest has no portable meaning.
    assert not re.search(r"\b(MINUS|VALUES|SERVICE|LOAD|NOW|RAND|UUID|GRAPH|BIND)\b", text)
    owners = [s for s, o in shapes().subject_objects(SH.select) if str(o) == text]
    assert all((owner, SH.prefixes, PREFIXES) in shapes() for owner in owners)


def test_every_requirement_has_a_rule_that_can_fail_or_a_reason_why_none_can() -> None:
    graph = shapes()
    failing = {
        source
        for rule in rules()
        if graph.value(rule, SH.severity) == SH.Violation
        for source in graph.objects(rule, DCTERMS.source)
    }
    requirements = {r for cls in REQUIREMENTS for r in ontology().subjects(RDF.type, cls)}
    assert len(requirements) == 32 + 38
    reasoned = {r for r in requirements if (r, NOT_JUDGED, None) in ontology()}
    assert sorted(local_name(r) for r in requirements - failing - reasoned) == []
    assert sorted(local_name(r) for r in reasoned & failing) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_rules_describes_itself(path: Path) -> None:
    graph = Graph().parse(path)
    header = URIRef(f"{BASE}shapes/{path.name}")
    assert (header, RDF.type, OWL.Ontology) in graph
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.creator):
        assert graph.value(header, predicate) is not None, predicate
