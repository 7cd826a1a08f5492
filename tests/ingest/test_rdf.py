"""RDF files as quads: every format, graph names kept, terms as they are written."""

import pyoxigraph as ox
import pytest

from aims_graph.errors import InputError
from aims_graph.ingest.rdf import ill_typed, read_rdf

FILES = {
    "t.ttl": '<urn:a> <urn:b> "c" .',
    "t.nt": '<urn:a> <urn:b> "c" .',
    "t.trig": '<urn:g> { <urn:a> <urn:b> "c" }',
    "t.nq": '<urn:a> <urn:b> "c" <urn:g> .',
    "t.jsonld": '{"@id": "urn:a", "urn:b": "c"}',
    "t.rdf": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
    '<r:Description r:about="urn:a"><u:b>c</u:b></r:Description></r:RDF>',
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_triple(write, name):
    (quad,) = read_rdf(write(name, FILES[name]))
    assert quad.triple == ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"))
    named = name in ("t.trig", "t.nq")
    assert quad.graph_name == (ox.NamedNode("urn:g") if named else ox.DefaultGraph())


def test_blank_nodes_keep_their_names_as_long_as_the_file_stays_the_same(write):
    text = "[] <urn:b> [ <urn:c> _:x ] . _:x <urn:d> 1 ."
    first = read_rdf(write("a.ttl", text))
    assert read_rdf(write("b.ttl", text)) == first
    other = read_rdf(write("a.ttl", text + " "))
    assert not {q.subject for q in other} & {q.subject for q in first}


def test_lexical_forms_stay_as_they_are(write):
    (quad,) = read_rdf(
        write("t.ttl", '<urn:a> <urn:b> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .')
    )
    assert quad.object.value == "01"


def test_ill_typed_literals_are_counted(write):
    xsd = "http://www.w3.org/2001/XMLSchema#"
    quads = read_rdf(
        write(
            "t.ttl",
            f'<urn:a> <urn:b> "2025-13-45"^^<{xsd}date>, "2025-01-31"^^<{xsd}date>, "x"@en .',
        )
    )
    assert ill_typed(quads) == 1


@pytest.mark.parametrize(
    ("name", "text", "message", "line"),
    [
        ("t.ttl", '\n<urn:a> <urn:b> "c', "end of file", 2),
        ("t.ttl", "<urn:a> <urn:b> " + "<<( " * 50_000, "not supported", 1),
        ("t.jsonld", '{"@context":\n"http://x.example/c", "a": 1}', "http://x.example/c", None),
        ("t.rdf", '<!DOCTYPE x [<!ENTITY a "b">]>\n<x/>', "DOCTYPE", 1),
        ("t.docx", "x", "extension", None),
    ],
)
def test_what_is_wrong_is_an_input_error(write, name, text, message, line):
    with pytest.raises(InputError, match=message) as error:
        read_rdf(write(name, text))
    if line is not None:
        assert error.value.line == line
