"""The fast Turtle reader reads what the native parser reads, or leaves the file to it."""

import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse

from aims_graph.columns import Columns, TermDictionary, load
from aims_graph.columns import parse as parse_module
from aims_graph.columns.graph import TripleCollector
from aims_graph.columns.labels import BlankLabels
from aims_graph.columns.statements import UnexpectedError, cut_blocks
from aims_graph.columns.turtle import TurtleReader
from aims_graph.errors import InputError
from aims_graph.vocabulary import XSD

HEADER = (
    "@prefix ex: <http://example.org/> .\n@prefix : <urn:x#> .\n"
    f"@prefix xsd: <{XSD}> .\n@prefix odd: <http://example.org/é/> .\n"
)
NAMES = [
    "ex:a",
    "ex:a-b.c",
    ":x",
    ":",
    "odd:x",
    "<http://example.org/a#b>",
    "<urn:x:é>",
    "ex:1",
    "ex:a:b",
]
BLANKS = ["_:a", "_:b1", "_:g-1", "_:u-x"]
LITERALS = [
    '"a"',
    '""',
    '"a . b ; c , [ ( <x> # \' @prefix"',
    '"a\\"b"',
    '"\\\\"',
    '"a\\\\\\"b\\n"',
    '"é😀"',
    '"x"@en-GB',
    '"1"^^xsd:integer',
    '"x"^^<http://example.org/d#t>',
    '"x"^^ex:a.b',
    "1",
    "-01",
    "+1.50",
    ".5",
    "1e0",
    "1.E3",
    "true",
    "false",
]
UNUSUAL = [
    "'a'",
    '"""a"b\n. """',
    "'''x'''",
    "ex:a\\,b",
    "ex:%41",
    "<rel>",
    "ex:a'b",
    "a",
    "1.",
    "nope:x",
    "ex:a..",
    '"a"b',
]
BRACKETS = ["[]", "[ ex:p 1, _:a ; ex:q [] ]", '( 1 "a . ] ; " ex:a )', "()"]

spaces = st.sampled_from([" ", " ", " ", "\n    ", "\t", "  ", "\r\n"])
verbs = st.sampled_from(["a", "ex:p", ":q", "<http://example.org/p>"])
objects = st.sampled_from(NAMES + BLANKS + LITERALS)
rare = st.sampled_from([*UNUSUAL, "# tail . \" ' \n", "_:x", "^^", ".", ";", ",", "@en", "<<", "}"])


@st.composite
def statements(draw, values):
    gap = lambda: draw(spaces)  # noqa: E731
    text = draw(st.sampled_from(NAMES + BLANKS))
    for number in range(draw(st.integers(1, 3))):
        text += (
            (gap() + ";" * draw(st.sampled_from([1, 1, 2])) if number else "") + gap() + draw(verbs)
        )
        listed = draw(st.lists(values, min_size=1, max_size=3))
        text += gap() + (draw(st.sampled_from([", ", " , ", ","]))).join(listed)
    return (
        text
        + draw(st.sampled_from([" .", " ;\n.", " .", "."]))
        + draw(st.sampled_from(["\n", "\n\n", " ", '\n# x . "\n']))
    )


def read_fast(text, block_size=1 << 20):
    terms, triples = TermDictionary(), TripleCollector()
    reader = TurtleReader(terms, BlankLabels("", document=True))
    file = io.BytesIO(text.encode(errors="surrogateescape"))
    parts = []
    for block in cut_blocks(file, block_size):
        parts += reader.read_block(block, first=not parts)
    for part in parts:
        triples.add(part)
    return Columns._from_packed(terms, triples)


def canonical(triples):
    """The graph up to names of blank nodes."""
    dataset = Dataset(Quad(*triple) for triple in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(map(str, dataset))


def native(text):
    return canonical(
        (q.subject, q.predicate, q.object) for q in parse(text.encode(), format=RdfFormat.TURTLE)
    )


def usual(values):
    return st.lists(statements(values), max_size=12).map(lambda parts: HEADER + "".join(parts))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usual(objects), st.sampled_from([1 << 20, 300]))
@example(HEADER + 'ex:a a ex:b;ex:p "x","y"@en,<urn:a>;.', 1 << 20)
@example(HEADER + "ex:a ex:p 1.\nex:b ex:p 1.5.\n", 1 << 20)
@example("", 1 << 20)
@example("# nothing\n", 1 << 20)
def test_the_usual_layout_is_read_as_the_native_parser_does(text, block_size):
    try:
        expected = native(text)
    except SyntaxError:  # such as ":a.b." where the native parser asks for a space
        return
    assert canonical(read_fast(text, block_size).triples()) == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usual(objects | st.sampled_from(BRACKETS)), st.sampled_from([1 << 20, 300]))
def test_brackets_are_read_as_the_native_parser_does(text, block_size):
    try:
        expected = native(text)
    except SyntaxError:
        return
    try:
        found = read_fast(text, block_size)
    except UnexpectedError:
        return
    assert canonical(found.triples()) == expected


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usual(objects | rare | st.sampled_from(BRACKETS)), st.data())
def test_whatever_the_fast_reader_accepts_the_native_parser_reads_the_same(text, data):
    if data.draw(st.booleans()) and len(text) > len(HEADER):
        # Break it somewhere.
        at = data.draw(st.integers(0, len(text) - 1))
        text = (
            text[:at]
            + data.draw(
                st.sampled_from(["", '"', "'", "<", ">", "#", ".", "\\", "\n", "\r", " ", "["])
            )
            + text[at + 1 :]
        )
    try:
        found = read_fast(text)
    except UnexpectedError:
        return
    assert canonical(found.triples()) == native(text)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=usual(objects | rare))
def test_files_are_read_the_same_or_refused_the_same(tmp_path, monkeypatch, text):
    monkeypatch.setattr(parse_module, "SMALL", 0)
    path = tmp_path / "x.ttl"
    path.write_bytes(text.encode())
    try:
        expected = native(text)
    except SyntaxError as error:
        line = None if "<<" in text else error.lineno
        with pytest.raises(InputError, match=f":{line}:" if line else None):
            load([path])
    else:
        assert canonical(load([path]).triples()) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<urn:a> <urn:b> 'c' .",
        '<urn:a> <urn:b> """c""" .',
        "<urn:a> <urn:b> 1 . # comment\n",
        "@base <urn:a> . <b> <c> <d> .",
        "PREFIX : <urn:x:>\n:a :b :c .",
        "<urn:a> <urn:b> 1 .\n@prefix : <urn:x:> .",
        "<urn:a> <urn:b> .",
        "<urn:a> a a .",
        "a a <urn:b> .",
        '"x" <urn:a> <urn:b> .',
        "<urn:a> _:b <urn:b> .",
        "<urn:a> <urn:b> 1, .",
        "<urn:a> <urn:b> 1 ;, 2 .",
        "; .",
        "<urn:a> <urn:b> 1",
        "<urn:a> <urn:b> nope:x .",
        '<urn:a> <urn:b> "\\q" .',
        '<urn:a> <urn:b> "x"@en--ltr .',
        "<urn:a> <urn:b> ] [ .",
        "<urn:a> <urn:b> " + "[" * 200 + "]" * 200 + " .",
        "<urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> .",
        "# comment\r<urn:a> <urn:b> <urn:c> .\n",
        '<urn:a> <urn:b> "x\ry" .\n',
        "# \udcff\n<urn:a> <urn:b> 1 .\n",
        '<urn:a> <urn:b> "\udcff" .\n',
    ],
)
def test_anything_else_is_left_to_the_native_parser(text):
    with pytest.raises(UnexpectedError):
        read_fast(text)


def test_labels_are_the_same_whichever_way_a_statement_takes():
    columns = read_fast("_:a <urn:p> _:b .\n_:a <urn:q> [ <urn:p> _:b ] .\n")
    nodes = {t for s, _, o in columns.triples() for t in (s, o) if isinstance(t, BlankNode)}
    assert sorted(node.value for node in nodes) == ["a", "b", "g-1"]
