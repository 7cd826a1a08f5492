"""The ontology stays inside OWL 2 RL and contradicts neither itself nor the vocabularies it aligns with."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS
from rdflib.collection import Collection

from aims_graph.resources import ontology_files
from aims_graph.vocabulary import AIMS, XSD

AIMS_NS = rdflib.Namespace(AIMS)
SCHEMA = rdflib.Namespace("https://schema.org/")
X = rdflib.Namespace("urn:x#")

#: https://www.w3.org/TR/owl2-profiles/#OWL_2_RL, section 4.2: kinds of declarations and property axioms.
KINDS = {
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
    OWL.Ontology,
    OWL.TransitiveProperty,
    OWL.SymmetricProperty,
    OWL.AllDisjointClasses,
}
#: Axioms between two named things; every other use of the OWL, RDFS or RDF vocabulary is refused.
CLASS_AXIOMS = {RDFS.subClassOf, OWL.disjointWith}
PROPERTY_AXIOMS = {RDFS.subPropertyOf, OWL.inverseOf}
OTHER = {
    RDF.type,
    RDF.first,
    RDF.rest,
    RDFS.domain,
    RDFS.range,
    RDFS.label,
    RDFS.isDefinedBy,
    OWL.imports,
    OWL.members,
    OWL.propertyChainAxiom,
    OWL.versionIRI,
    OWL.versionInfo,
}
#: Section 4.2, Entities: what our ranges use of the datatypes of OWL 2 RL. xsd:date is not among them.
DATATYPES = {RDFS.Literal} | {
    rdflib.URIRef(XSD + name) for name in ("boolean", "integer", "decimal")
}


def load(paths: Iterable[Path]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in paths:
        graph.parse(path)
    return graph


def violations(graph: rdflib.Graph) -> Iterator[str]:
    """Uses of OWL outside the part of OWL 2 RL that this ontology needs."""
    kinds = defaultdict(set)
    for term, kind in graph.subject_objects(RDF.type):
        kinds[term].add(kind)
    classes = {term for term, found in kinds.items() if OWL.Class in found}
    object_properties = {term for term, found in kinds.items() if OWL.ObjectProperty in found}
    value_properties = {term for term, found in kinds.items() if OWL.DatatypeProperty in found}
    annotations = {term for term, found in kinds.items() if OWL.AnnotationProperty in found}

    for one, other in (
        (object_properties, value_properties),
        (object_properties, annotations),
        (value_properties, annotations),
    ):
        yield from (f"{term} is of two kinds of property" for term in one & other)

    for subject, predicate, value in graph:
        if predicate == RDF.type and str(value).startswith((str(OWL), str(RDFS), str(RDF))):
            if value not in KINDS:
                yield f"{subject} is a {value}"
        elif predicate in CLASS_AXIOMS:
            if not {subject, value} <= classes:
                yield f"{subject} {predicate} {value}: not two named classes"
        elif predicate in PROPERTY_AXIOMS:
            if not {subject, value} <= object_properties:
                yield f"{subject} {predicate} {value}: not two object properties"
        elif predicate == RDFS.domain:
            if value not in classes:
                yield f"{subject} has the domain {value}, which is no named class"
        elif predicate == RDFS.range:
            if value not in (DATATYPES if subject in value_properties else classes):
                yield f"{subject} has the range {value}"
        elif predicate == OWL.members:
            if not set(Collection(graph, value)) <= classes:
                yield "a disjointness names something that is no class"
        elif predicate == OWL.propertyChainAxiom:
            if not set(Collection(graph, value)) <= object_properties:
                yield f"a chain of {subject} holds something that is no object property"
        elif str(predicate).startswith((str(OWL), str(RDFS), str(RDF))):
            if predicate not in OTHER:
                yield f"{subject} {predicate} {value}"
        elif predicate in object_properties:
            if isinstance(value, rdflib.Literal):
                yield f"{subject} {predicate} {value}: a literal"
        elif predicate in value_properties:
            if not isinstance(value, rdflib.Literal):
                yield f"{subject} {predicate} {value}: no literal"
        elif predicate not in annotations:
            yield f"{predicate} is not declared"


def test_the_ontology_is_written_in_owl_2_rl(every_file: list[Path]) -> None:
    modules = [path for path in every_file if path.name != "rules.ttl"]  # which is SHACL
    assert sorted(violations(load(modules))) == []


@pytest.mark.parametrize(
    "axiom",
    [
        "aims:Risk rdfs:subClassOf [ a owl:Restriction ; owl:onProperty aims:owner ; owl:someValuesFrom aims:Agent ] .",
        "aims:Risk owl:equivalentClass [ owl:unionOf ( aims:Impact aims:Incident ) ] .",
        "aims:owner a owl:FunctionalProperty .",
        "aims:dueDate rdfs:range xsd:date .",
        "aims:owner rdfs:domain [ a owl:Class ; owl:unionOf ( aims:Risk aims:Dataset ) ] .",
        "aims:dueDate rdfs:subPropertyOf aims:owner .",
        'aims:Met aims:owner "Dana" .',
        "aims:Met aims:rank aims:NotMet .",
        "aims:Met <urn:undeclared> aims:NotMet .",
        "aims:owner a owl:DatatypeProperty .",
        "aims:partOf owl:propertyChainAxiom ( aims:partOf aims:rank ) .",
    ],
)
def test_what_lies_outside_is_found(axiom: str, every_file: list[Path]) -> None:
    graph = load(ontology_files())
    graph.parse(
        data=f"@prefix aims: <{AIMS}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .\n"
        + axiom,
        format="turtle",
    )
    assert list(violations(graph))


def test_chains_are_regular() -> None:
    """OWL 2 DL, section 11.2: properties can be ordered so that chains and sub-properties only climb."""
    graph = load(ontology_files())
    below: dict[rdflib.term.Node, set[rdflib.term.Node]] = defaultdict(set)
    for sub, top in graph.subject_objects(RDFS.subPropertyOf):
        below[top].add(sub)
    for top, chain in graph.subject_objects(OWL.propertyChainAxiom):
        steps = list(Collection(graph, chain))
        assert top not in steps[1:-1]
        below[top].update(step for step in steps if step != top)
    for one, other in graph.subject_objects(OWL.inverseOf):
        below[one] |= {item for item in below[other] if (item, OWL.inverseOf, one) not in graph}

    def reaches(start: rdflib.term.Node) -> set[rdflib.term.Node]:
        seen: set[rdflib.term.Node] = set()
        todo = list(below[start])
        while todo:
            item = todo.pop()
            if item not in seen:
                seen.add(item)
                todo += below[item]
        return seen

    assert [prop for prop in list(below) if prop in reaches(prop)] == []


def close(graph: rdflib.Graph) -> list[str]:
    """Adds what OWL 2 RL infers and gives the contradictions met; annotations are left out, they infer nothing."""
    for prop in {
        RDFS.label,
        RDFS.comment,
        RDFS.isDefinedBy,
        *graph.subjects(RDF.type, OWL.AnnotationProperty),
    }:
        graph.remove((None, prop, None))
    rules = owlrl.OWLRL_Semantics(graph, False, False, False)
    rules.closure()
    return list(rules.error_messages)


def sample(graph: rdflib.Graph) -> rdflib.Graph:
    """One statement for each property and each pair of classes that its hints allow."""
    data = rdflib.Graph()
    count = 0
    for prop in sorted(graph.subjects(RDF.type, OWL.ObjectProperty)):
        if not str(prop).startswith(AIMS):
            continue
        for domain in sorted(graph.objects(prop, SCHEMA.domainIncludes)) or [None]:
            for target in sorted(graph.objects(prop, SCHEMA.rangeIncludes)) or [None]:
                count += 1
                subject, value = X[f"s{count}"], X[f"o{count}"]
                data.add((subject, prop, value))
                if domain is not None:
                    data.add((subject, RDF.type, domain))
                if target is not None:
                    data.add((value, RDF.type, target))
    return data


SHOP = f"""
@prefix aims: <{AIMS}> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
@prefix x: <{X}> .
x:pricing a aims:AISystem ; aims:usesModel x:model ; aims:hasRisk x:risk ; aims:owner x:dana .
x:model aims:hasVersion x:version .
x:version aims:trainedOn x:orders .
x:orders aims:derivedFrom x:raw .
x:raw aims:derivedFrom x:log .
x:risk aims:hasTreatment x:treatment .
x:treatment aims:appliesControl iso42001:A.7.4 .
x:implementation aims:implements iso42001:A.7.4 ; aims:evidencedBy x:report .
x:policy aims:addresses iso42001:5.2 .
"""


@pytest.fixture(scope="module")
def closed() -> tuple[rdflib.Graph, list[str]]:
    graph = load(ontology_files())
    graph += sample(graph)
    graph.parse(data=SHOP, format="turtle")
    return graph, close(graph)


def test_no_use_that_the_hints_allow_is_a_contradiction(
    closed: tuple[rdflib.Graph, list[str]],
) -> None:
    graph, errors = closed
    assert errors == []
    assert list(graph.subjects(RDF.type, OWL.Nothing)) == []


def test_a_person_who_is_a_dataset_is_a_contradiction() -> None:
    graph = load(ontology_files()[:1])
    for path in ontology_files():
        if path.stem in {"core", "data", "traceability"}:
            graph.parse(path)
    graph.add((X.dana, RDF.type, AIMS_NS.Person))
    graph.add((X.dana, AIMS_NS.hasBiasAudit, X.audit))
    assert close(graph)


@pytest.mark.parametrize(
    ("subject", "predicate", "value"),
    [
        ("pricing", "dependsOnDataset", "log"),
        ("pricing", "dependsOnModelVersion", "version"),
        ("log", "datasetNeededBy", "pricing"),
        ("log", "affects", "pricing"),
        ("pricing", "tracesTo", "log"),
        ("pricing", "tracesTo", "dana"),
        ("risk", "tracesTo", "orders"),
        ("dana", "owns", "pricing"),
        ("orders", "trainsModel", "version"),
    ],
)
def test_what_traceability_needs_is_inferred(
    closed: tuple[rdflib.Graph, list[str]], subject: str, predicate: str, value: str
) -> None:
    assert (X[subject], AIMS_NS[predicate], X[value]) in closed[0]


def test_controls_and_clauses_trace_to_systems_and_evidence(
    closed: tuple[rdflib.Graph, list[str]],
) -> None:
    graph = closed[0]
    control = rdflib.URIRef("https://w3id.org/aims-graph/iso42001#A.7.4")
    clause = rdflib.URIRef("https://w3id.org/aims-graph/iso42001#5.2")
    assert (X.risk, AIMS_NS.treatedByControl, control) in graph
    assert (X.pricing, AIMS_NS.protectedByControl, control) in graph
    assert (control, AIMS_NS.hasControlEvidence, X.report) in graph
    assert (control, AIMS_NS.tracesTo, X.orders) in graph
    assert (clause, AIMS_NS.tracesTo, X.policy) in graph


def test_tracing_has_a_direction(closed: tuple[rdflib.Graph, list[str]]) -> None:
    graph = closed[0]
    assert (X.orders, AIMS_NS.tracesTo, X.pricing) not in graph
    assert (X.dana, AIMS_NS.tracesTo, X.pricing) not in graph
    assert (X.pricing, AIMS_NS.affects, X.log) not in graph


VOCABULARIES = {
    "prov": ["prov-o.ttl"],
    "dcat": ["dcat3.ttl"],
    "org": ["org.ttl"],
    "airo": ["airo.ttl"],
    "dpv": [
        "dpv2.3-dpv.ttl",
        "dpv2.3-ai.ttl",
        "dpv2.3-risk.ttl",
        "dpv2.3-tech.ttl",
        "dpv2.3-eu-aiact.ttl",
    ],
    "odrl": ["odrl22.ttl"],
}


def external(path: Path) -> set[str]:
    """IRIs outside our own and outside RDF, RDFS, OWL, SKOS and Dublin Core that a file speaks of."""
    usual = (
        "https://w3id.org/aims-graph/",
        str(RDF),
        str(RDFS),
        str(OWL),
        str(rdflib.SKOS),
        str(rdflib.DCTERMS),
        str(rdflib.VANN),
        "https://creativecommons.org/",
    )
    return {
        term.value
        for quad in ox.parse(path=path)
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode) and not term.value.startswith(usual)
    }


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_aligned_term_exists(name: str, ontology_folder: Path, shared: Path) -> None:
    terms = external(ontology_folder / f"alignments/{name}.ttl")
    defined = {
        str(subject)
        for file in VOCABULARIES[name]
        for subject in rdflib.Graph().parse(shared / "data/vocab" / file).subjects()
    }
    assert terms
    assert terms - defined == set()


def test_aligned_skos_terms_exist(ontology_folder: Path) -> None:
    graph = rdflib.Graph().parse(ontology_folder / "alignments/skos.ttl")
    used = {term for triple in graph for term in triple if str(term).startswith(str(rdflib.SKOS))}
    assert used
    assert all(term in rdflib.SKOS for term in used)


def test_every_alignment_is_tested(ontology_folder: Path) -> None:
    files = {path.stem for path in (ontology_folder / "alignments").glob("*.ttl")}
    assert {name for name in files if not name.startswith("crosswalk-")} == {*VOCABULARIES, "skos"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prov", "org", "airo"])
def test_alignments_contradict_no_vocabulary(
    name: str, ontology_folder: Path, shared: Path
) -> None:
    graph = load(path for path in ontology_files() if "iso42001" not in path.parts)
    graph += sample(graph)
    graph.parse(ontology_folder / f"alignments/{name}.ttl")
    for file in VOCABULARIES[name]:
        graph.parse(shared / "data/vocab" / file)
    assert close(graph) == []
    assert list(graph.subjects(RDF.type, OWL.Nothing)) == []
