"""Files are read exactly as the native parser reads them, whichever way they take."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from aims_graph.columns import Columns, load
from aims_graph.columns import parse as parse_module
from aims_graph.errors import InputError
from aims_graph.vocabulary import XSD


def read(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load([path])


def native(data, syntax):
    return {(q.subject, q.predicate, q.object) for q in parse(data, format=syntax)}


IRIS = [
    "<http://example.org/a>",
    "<http://example.org/a#b>",
    "<urn:x:a>",
    "<http://example.org/é>",
    "<http://example.org/%41>",
    "<http://[::1]/a>",
    "<http://example.org/\\u0041>",
    "<http://example.org:80/?q=1&r=(2)>",
]
BLANKS = ["_:a", "_:b1", "_:a.b", "_:é", "_:a-"]
LITERALS = [
    '"a"',
    '""',
    '"a b c"',
    '"a . <b> <c> _:d"',
    '"a\\"b"',
    '"a\\nb\\\\"',
    '"\\u00e9"',
    '"é😀"',
    '"x"@en',
    '"x"@EN-gb',
    f'"1"^^<{XSD}integer>',
    f'"a"^^<{XSD}string>',
    '"x"^^<http://example.org/é>',
]
BROKEN = [
    '"a',
    '"a" "b"',
    "<a b>",
    "<relative>",
    "<http://a:b/>",
    "_:",
    "_:a.",
    '"x"@',
    '"x"@toolonglanguage',
    '"x"^^<y>',
    '"x"^^"y"',
    "<<( <urn:a> <urn:b> <urn:c> )>>",
    '"\\q"',
    '"x"@en--ltr',
    "",
]
subjects, objects = st.sampled_from(IRIS + BLANKS), st.sampled_from(IRIS + BLANKS + LITERALS)
predicates = st.sampled_from(IRIS)
ends = st.sampled_from([" .\n"] * 12 + [".\n", " . # c\n", " .\r\n", "\t.\n", " .  \n"])
triples = st.builds(
    lambda s, p, gap, o, end: f"{s} {p}{gap}{o}{end}",
    subjects,
    predicates,
    st.sampled_from([" "] * 10 + ["  ", "\t"]),
    objects,
    ends,
)
quads = st.builds(
    lambda s, p, o, g, end: f"{s} {p} {o}{g}{end}",
    subjects,
    predicates,
    objects,
    st.sampled_from(["", " <http://example.org/g>", " _:g", " <http://example.org/é>"]),
    ends,
)
noise = st.sampled_from(["\n", "# a comment <a> <b> .\n", "   \n"])


def blocks_of(monkeypatch, size):
    """Makes small files take the way of large ones."""
    monkeypatch.setattr(parse_module, "SMALL", 0)
    monkeypatch.setattr(parse_module, "BLOCK_SIZE", size)


@pytest.mark.parametrize("size", [1 << 20, 150])
@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(lines=st.lists(triples | noise, max_size=30))
def test_ntriples_in_any_layout_are_read_as_the_native_parser_does(
    tmp_path, monkeypatch, size, lines
):
    blocks_of(monkeypatch, size)
    data = "".join(lines).encode()
    assert {*read(tmp_path, "x.nt", data).triples()} == native(data, RdfFormat.N_TRIPLES)


@settings(
    max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(lines=st.lists(quads | noise, max_size=30))
def test_nquads_are_read_as_the_native_parser_does(tmp_path, monkeypatch, lines):
    blocks_of(monkeypatch, 1 << 20)
    data = "".join(lines).encode()
    assert {*read(tmp_path, "x.nq", data).triples()} == native(data, RdfFormat.N_QUADS)


@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    before=st.lists(triples, max_size=5),
    parts=st.tuples(
        st.sampled_from(IRIS + BROKEN + LITERALS),
        st.sampled_from(IRIS + BROKEN + BLANKS),
        st.sampled_from(IRIS + BROKEN),
    ),
    suffix=st.sampled_from([".nt", ".nq"]),
)
def test_a_wrong_line_is_found_where_the_native_parser_finds_it(
    tmp_path, monkeypatch, before, parts, suffix
):
    blocks_of(monkeypatch, 300)
    line = " ".join(parts) + " .\n"
    data = "".join([*before, line, "<urn:a> <urn:b> <urn:c> .\n"]).encode()
    syntax = RdfFormat.N_TRIPLES if suffix == ".nt" else RdfFormat.N_QUADS
    try:
        expected = native(data, syntax)
        wrong_terms = any(
            not hasattr(o, "value") or getattr(o, "direction", None) for _, _, o in expected
        )
    except SyntaxError:
        wrong_terms = True
    if not wrong_terms:
        assert {*read(tmp_path, "x" + suffix, data).triples()} == expected
        return
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x" + suffix, data)
    assert caught.value.line == len(before) + 1
    assert caught.value.file == str(tmp_path / ("x" + suffix))


def test_a_carriage_return_inside_a_literal_is_refused(tmp_path, monkeypatch):
    blocks_of(monkeypatch, 1 << 20)
    with pytest.raises(InputError) as caught:
        read(tmp_path, "x.nt", b'<urn:a> <urn:b> "a" .\r\n<urn:a> <urn:b> "a\rb" .\r\n')
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["x.nt", "x.ttl"])
def test_bytes_that_are_not_utf8_are_named(tmp_path, monkeypatch, name):
    blocks_of(monkeypatch, 30)
    with pytest.raises(InputError, match="offset 41") as caught:
        read(tmp_path, name, b'<urn:a> <urn:b> "a" .\n<urn:a> <urn:b> "\xc3\xa9\xff" .\n')
    assert (caught.value.line, caught.value.column) == (2, 19)


def test_the_unclosed_string_of_the_documentation_has_its_position(tmp_path):
    with pytest.raises(InputError, match=r"x\.ttl:2:2: Unexpected end of file"):
        read(tmp_path, "x.ttl", '<a:a> <a:b>\n "x')


def test_a_byte_order_mark_of_utf8_is_skipped(tmp_path):
    for name in ("x.ttl", "x.nt"):
        assert len(read(tmp_path, name, b'\xef\xbb\xbf<a:a> <a:b> "x" .')) == 1


def test_all_formats_give_the_same_graph(tmp_path):
    expected = {(NamedNode("urn:a"), NamedNode("urn:p#b"), Literal("x", language="en"))}
    documents = {
        "x.ttl": '@prefix p: <urn:p#> . <urn:a> p:b "x"@en .',
        "x.trig": '<urn:g> { <urn:a> <urn:p#b> "x"@en }',
        "x.nt": '<urn:a> <urn:p#b> "x"@en .',
        "x.nq": '<urn:a> <urn:p#b> "x"@en <urn:g> .',
        "x.jsonld": '{"@id": "urn:a", "urn:p#b": {"@value": "x", "@language": "en"}}',
        "x.rdf": (
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="urn:p#">'
            '<r:Description r:about="urn:a"><p:b xml:lang="en">x</p:b></r:Description></r:RDF>'
        ),
    }
    for name, text in documents.items():
        assert {*read(tmp_path, name, text).triples()} == expected
    paths = [tmp_path / name for name in documents]
    assert {*load(paths).triples()} == expected


def test_lexical_forms_are_kept(tmp_path):
    columns = read(tmp_path, "x.ttl", "<urn:a> <urn:b> 1, 01, +1, 1.0, 1e0, true .")
    assert sorted(o.value for _, _, o in columns.triples()) == [
        "+1",
        "01",
        "1",
        "1.0",
        "1e0",
        "true",
    ]


def test_ill_typed_literals_are_data(tmp_path):
    columns = read(tmp_path, "x.ttl", f'<urn:a> <urn:b> "abc"^^<{XSD}dateTime> .')
    objects = columns.pairs(columns.terms.id_of(NamedNode("urn:b"))).objects
    assert columns.terms.well_formed[objects].tolist() == [False]


@pytest.mark.parametrize("names", [("a.nt", "b.nt"), ("a.ttl", "b.ttl"), ("a.nt", "b.ttl")])
@pytest.mark.parametrize("small", [0, 1 << 20])
def test_blank_nodes_of_different_files_stay_apart(tmp_path, monkeypatch, names, small):
    monkeypatch.setattr(parse_module, "SMALL", small)
    for name in names:
        (tmp_path / name).write_text("_:x <urn:p> _:y .\n_:f2-x <urn:p> _:a.- .\n")
    columns = load([tmp_path / name for name in names])
    nodes = {term for s, _, o in columns.triples() for term in (s, o)}
    assert len(columns) == 4
    assert len(nodes) == 8


def test_nodes_without_label_get_the_same_label_in_each_run(tmp_path):
    text = "[ <urn:p> [] ] <urn:q> _:g-1, _:u-x ."
    first, second = ({*read(tmp_path, "x.ttl", text).triples()} for _ in range(2))
    assert first == second
    assert len({t for s, _, o in first for t in (s, o) if isinstance(t, BlankNode)}) == 4


def test_an_empty_file_is_an_empty_graph(tmp_path):
    for name in ("x.ttl", "x.nt", "x.nq", "x.trig"):
        assert len(read(tmp_path, name, "")) == 0


def test_what_cannot_be_read_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"unknown RDF file extension '\.csv'"):
        load([tmp_path / "x.csv"])
    with pytest.raises(InputError, match="No such file"):
        load([tmp_path / "x.ttl"])
    (tmp_path / "d.ttl").mkdir()
    with pytest.raises(InputError, match="directory"):
        load([tmp_path / "d.ttl"])


def test_a_relative_iri_is_resolved_against_the_base_or_refused(tmp_path):
    path = tmp_path / "x.ttl"
    path.write_text("<a> <b> <c> .")
    columns = Columns.from_files([path], base="http://example.org/")
    assert {s.value for s, _, _ in columns.triples()} == {"http://example.org/a"}
    with pytest.raises(InputError, match="needs a base"):
        load([path])


def test_a_line_longer_than_a_block_is_read(tmp_path, monkeypatch):
    blocks_of(monkeypatch, 64)
    columns = read(
        tmp_path, "x.nt", '<urn:a> <urn:b> "' + "x" * 1000 + '" .\n<urn:a> <urn:b> "y" .'
    )
    assert sorted(len(o.value) for _, _, o in columns.triples()) == [1, 1000]


def test_ids_of_a_large_file_do_not_depend_on_the_run(tmp_path, monkeypatch):
    blocks_of(monkeypatch, 1 << 12)
    lines = [f'<urn:s:{i % 97}> <urn:p:{i % 7}> "{i}" .\n' for i in range(2000)]
    first = read(tmp_path, "x.nt", "".join(lines))
    second = read(tmp_path, "x.nt", "".join(lines))
    assert np.array_equal(first.terms.text[0], second.terms.text[0])
    assert len(first) == 2000
