"""Each file in conventions/ is one rule about our ontology files; its rows are the violations."""

from pathlib import Path

import pyoxigraph as ox
import pytest

RULES = sorted((Path(__file__).parent / "conventions").glob("*.rq"))


@pytest.mark.parametrize("rule", RULES, ids=lambda path: path.stem)
def test_convention_holds(rule: Path, everything: ox.Store) -> None:
    violations = [" ".join(map(str, row)) for row in everything.query(rule.read_text("utf-8"))]
    assert violations == [], f"{rule.stem}: {len(violations)} violations"


BROKEN = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<urn:m> a owl:Ontology .
aims:bad_class a owl:Class ; rdfs:isDefinedBy <urn:m> , <urn:n> ;
    rdfs:label "same"@en ; skos:definition "The thing."@en .
aims:OtherClass a owl:Class ; rdfs:label "same"@en .
aims:Bad_Property a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:isDefinedBy <urn:m> ;
    rdfs:domain aims:bad_class , aims:OtherClass ; rdfs:range aims:NoClass .
aims:value a owl:DatatypeProperty ; rdfs:isDefinedBy <urn:m> ; rdfs:range xsd:date .
aims:inverse owl:inverseOf aims:Bad_Property ; rdfs:domain aims:OtherClass .
aims:lower_case a owl:NamedIndividual , aims:NoClass .
iso42001:4.1 a aims:RequirementClause ; dct:identifier "4.2" ; rdfs:isDefinedBy <urn:m> ;
    aims:partOf iso42001:9 ; aims:requiresDocument iso42001:doc-x .
iso42001:9 dct:identifier "9" .
iso42001:A.2.2 a aims:AnnexAControl .
iso42001:C.2.1 a aims:AnnexCObjective .
<urn:mapping> a aims:RequirementMapping .
<urn:provision> a aims:ExternalProvision .
iso42001:4.1 skos:relatedMatch <urn:provision> .
aims:Stage a aims:LifeCycleStage ; aims:gatedBy iso42001:9 .
"""


@pytest.mark.parametrize("rule", RULES, ids=lambda path: path.stem)
def test_convention_finds_what_breaks_it(rule: Path) -> None:
    store = ox.Store()
    store.load(BROKEN.encode(), format=ox.RdfFormat.TURTLE)
    assert list(store.query(rule.read_text("utf-8")))
