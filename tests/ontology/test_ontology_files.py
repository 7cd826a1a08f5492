"""The files: both parsers read them, their form is kept, and the loader finds them without a network."""

import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import to_isomorphic

import aims_graph
from aims_graph.errors import InputError
from aims_graph.resources import folder, ontology_files
from aims_graph.vocabulary import OWL

ONTOLOGY = folder("ontology")
FILES = sorted(ONTOLOGY.rglob("*.ttl"))
BASE = "https://w3id.org/aims-graph/ontology/"


def name(path: Path) -> str:
    return path.relative_to(ONTOLOGY).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_both_parsers_read_the_same_graph(path: Path) -> None:
    ours = rdflib.Graph().parse(path)
    triples = ox.serialize(ox.parse(path=path), format=ox.RdfFormat.N_TRIPLES)
    theirs = rdflib.Graph().parse(data=triples, format="nt")
    assert len(ours) == len(theirs) > 10
    assert to_isomorphic(ours) == to_isomorphic(theirs)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_form_of_a_file_is_kept(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "\t" not in text
    assert "\r" not in text
    assert text.endswith(" .\n")
    lines = text.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    prefixes = re.findall(r"^@prefix (\S+): <", text, re.MULTILINE)
    assert prefixes == sorted(set(prefixes))
    body = re.sub(r"^@prefix .*$|\"(?:[^\"\\]|\\.)*\"|<[^>]*>", "", text, flags=re.MULTILINE)
    unused = [prefix for prefix in prefixes if not re.search(rf"(?<![\w-]){prefix}:", body)]
    assert unused == []
    # A line may be long only for a string or an IRI, which cannot be broken.
    assert [line for line in lines if len(line) > 120 and '"' not in line and "<" not in line] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_header_fits_the_file(path: Path) -> None:
    module = name(path).removesuffix(".ttl")
    headers = [quad for quad in ox.parse(path=path) if quad.subject == ox.NamedNode(BASE + module)]
    values = {quad.predicate.value.rsplit("#")[-1].rsplit("/")[-1]: quad.object for quad in headers}
    assert values["versionInfo"] == ox.Literal(aims_graph.__version__)
    assert values["versionIRI"] == ox.NamedNode(f"{BASE}{aims_graph.__version__}/{module}")
    assert values["license"].value == "https://creativecommons.org/licenses/by/4.0/"
    assert values["created"].value <= values["modified"].value


def test_terms_stand_in_the_module_that_defines_them() -> None:
    for path in FILES:
        module = BASE + name(path).removesuffix(".ttl")
        for quad in ox.parse(path=path):
            if quad.predicate.value.endswith("#isDefinedBy"):
                assert quad.object.value == module


def test_the_loader_follows_imports() -> None:
    files = ontology_files()
    assert files[0] == ONTOLOGY / "aims.ttl"
    assert len(files) == len(set(files))
    names = {name(path) for path in files}
    assert {"core.ttl", "system.ttl", "iso42001/clauses.ttl", "iso42001/links.ttl"} <= names


def test_alignments_and_crosswalks_are_not_imported() -> None:
    assert not [path for path in ontology_files() if path.parent.name == "alignments"]


def test_everything_but_alignments_and_rules_is_imported() -> None:
    assert set(ontology_files()) == {
        p for p in FILES if p.parent.name != "alignments" and p.name != "rules.ttl"
    }


def test_an_import_without_file_names_the_importing_file(tmp_path: Path) -> None:
    (tmp_path / "aims.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "<https://w3id.org/aims-graph/ontology/aims> a owl:Ontology ;\n"
        "    owl:imports <http://www.w3.org/ns/prov#> .\n"
    )
    with pytest.raises(InputError) as caught:
        ontology_files(root=tmp_path)
    assert caught.value.file == str(tmp_path / "aims.ttl")
    assert "http://www.w3.org/ns/prov#" in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<x:a> a owl:Class .", "header"),
        (f"<x:a> a <{OWL}Ontology> ;\n nonsense .", "aims.ttl:2"),
        ("", "header"),
    ],
)
def test_a_file_that_is_no_ontology_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "aims.ttl").write_text(text)
    with pytest.raises(InputError, match=message):
        ontology_files(root=tmp_path)


def test_two_files_with_one_ontology_iri_are_refused(tmp_path: Path) -> None:
    shutil.copy(ONTOLOGY / "core.ttl", tmp_path / "one.ttl")
    shutil.copy(ONTOLOGY / "core.ttl", tmp_path / "two.ttl")
    with pytest.raises(InputError, match="also the ontology IRI of"):
        ontology_files(root=tmp_path)


def test_a_folder_without_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no aims\.ttl"):
        ontology_files(root=tmp_path)


def test_imports_in_a_circle_end(tmp_path: Path) -> None:
    header = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<x:{0}> a owl:Ontology ; owl:imports <x:{1}> .\n"
    (tmp_path / "aims.ttl").write_text(header.format("aims", "other"))
    (tmp_path / "other.ttl").write_text(header.format("other", "aims"))
    assert ontology_files(root=tmp_path) == [tmp_path / "aims.ttl", tmp_path / "other.ttl"]


LICENSED = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix iso42001: <https://w3id.org/aims-graph/iso42001#> .
iso42001:4.1 aims:licensedText "(the text of clause 4.1)"@en .
"""


def test_licensed_text_comes_last(tmp_path: Path) -> None:
    (tmp_path / "iso-text.ttl").write_text(LICENSED)
    (tmp_path / "notes.md").write_text("not RDF")
    assert ontology_files(overlay=tmp_path) == [*ontology_files(), tmp_path / "iso-text.ttl"]
    one = tmp_path / "iso-text.ttl"
    assert ontology_files(overlay=one)[-1] == one


def test_licensed_text_is_found_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "iso-text.ttl").write_text(LICENSED)
    monkeypatch.setenv("AIMS_ISO_TEXT", str(tmp_path))
    assert ontology_files()[-1] == tmp_path / "iso-text.ttl"
    store = ox.Store()
    for path in ontology_files():
        store.load(path=path)
    query = """PREFIX aims: <https://w3id.org/aims-graph/ns#>
      PREFIX iso42001: <https://w3id.org/aims-graph/iso42001#>
      ASK { iso42001:4.1 aims:licensedText ?text ; a aims:RequirementClause }"""
    assert store.query(query)


def test_a_missing_overlay_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMS_ISO_TEXT", str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone"):
        ontology_files()


def test_the_catalog_answers_every_ontology_iri() -> None:
    spaces = {"c": "urn:oasis:names:tc:entity:xmlns:xml:catalog"}
    entries = ET.parse(ONTOLOGY / "catalog-v001.xml").getroot().findall("c:uri", spaces)
    assert {entry.get("name"): entry.get("uri") for entry in entries} == {
        BASE + name(path).removesuffix(".ttl"): name(path) for path in FILES
    }


def blocks(language: str) -> list[str]:
    text = (ONTOLOGY / "README.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_readme_runs() -> None:
    (code,) = blocks("python")
    names: dict[str, rdflib.Graph] = {}
    exec(code, names)
    assert len(names["graph"]) > 5000


def test_the_query_of_the_readme_finds_the_control(everything: ox.Store) -> None:
    (query,) = blocks("sparql")
    assert len(list(everything.query(query))) > 5


def test_the_turtle_of_the_readme_is_an_overlay() -> None:
    (text,) = blocks("turtle")
    quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    assert {quad.predicate.value.rsplit("#")[-1] for quad in quads} == {"licensedText"}


def test_the_readme_names_every_module() -> None:
    text = (ONTOLOGY / "README.md").read_text("utf-8")
    assert [name(path) for path in FILES if f"`{name(path)}`" not in text] == [
        name(path) for path in FILES if path.parent.name == "alignments"
    ]
