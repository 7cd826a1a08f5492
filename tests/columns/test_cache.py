"""The cache gives back the same columns, is noticed when it no longer fits, and opens elsewhere."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode

from aims_graph.columns import Columns, load
from aims_graph.columns import cache as cache_module
from aims_graph.columns.cache import StaleCacheError, load_cached, open_cache, read_cache
from aims_graph.errors import InputError
from aims_graph.vocabulary import XSD

TEXT = """
@prefix : <urn:x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :p "größe"@de, 1, 01, "abc"^^xsd:date, "2024-01-01T00:00:00Z"^^xsd:dateTime ; :q [ :p "" ] .
:b :p :a, 0.5, "line\\nbreak" ; a :C .
"""
FACTS = ("kind", "datatype", "language", "length", "well_formed", "comparison_class")

resources = st.sampled_from([NamedNode("urn:a"), NamedNode("urn:é"), BlankNode("b")])
literals = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(Literal),
    st.integers().map(lambda n: Literal(str(n), datatype=NamedNode(XSD + "integer"))),
    st.sampled_from(["en", "de"]).map(lambda tag: Literal("x", language=tag)),
)
triples = st.tuples(
    resources, st.sampled_from([NamedNode("urn:p"), NamedNode("urn:q")]), resources | literals
)


def assert_same(left, right):
    assert len(left) == len(right)
    assert len(left.terms) == len(right.terms)
    assert [left.terms.term(i) for i in range(len(left.terms))] == [
        right.terms.term(i) for i in range(len(right.terms))
    ]
    for name in FACTS:
        assert getattr(left.terms, name).tolist() == getattr(right.terms, name).tolist(), name
    for name, values in left.terms.facts.arrays().items():
        assert np.array_equal(values, right.terms.facts.arrays()[name]), name
    assert left.predicates.tolist() == right.predicates.tolist()
    for predicate in left.predicates:
        ours, theirs = left.pairs(predicate), right.pairs(predicate)
        assert ours.subjects.tolist() == theirs.subjects.tolist()
        assert ours.objects.tolist() == theirs.objects.tolist()
        assert [x.tolist() for x in ours.by_object] == [x.tolist() for x in theirs.by_object]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "x.ttl"
    path.write_text(TEXT)
    return path


@pytest.fixture
def folder(tmp_path, source):
    load([source]).to_parquet(tmp_path / "cache", sources=[source])
    return tmp_path / "cache"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(graph=st.lists(triples, max_size=30), row_group=st.sampled_from([1, 7, 1 << 20]))
def test_any_graph_comes_back_as_it_was(tmp_path, monkeypatch, graph, row_group):
    monkeypatch.setattr(cache_module, "_ROW_GROUP", row_group)
    columns = Columns.from_triples(graph)
    columns.to_parquet(tmp_path / "any")
    assert_same(Columns.from_parquet(tmp_path / "any"), columns)


def test_a_reopened_graph_can_be_changed(folder):
    columns = Columns.from_parquet(folder)
    triple = (NamedNode("urn:x:new"), NamedNode("urn:x:p"), Literal("new", language="fr"))
    changed = columns.with_change([triple], [])
    assert len(changed) == len(columns) + 1
    assert triple in set(changed.triples())
    assert len(changed.terms.well_formed) == len(changed.terms)


def test_a_changed_source_makes_the_cache_stale(folder, source):
    assert open_cache(folder, [source]) is not None
    source.write_text(TEXT + ":c a :C .")
    assert open_cache(folder, [source]) is None
    with pytest.raises(StaleCacheError, match="other files"):
        read_cache(folder, [source])
    assert open_cache(folder) is not None


def test_another_set_or_order_of_sources_makes_the_cache_stale(folder, source, tmp_path):
    other = tmp_path / "y.ttl"
    other.write_text("")
    assert open_cache(folder, []) is None
    assert open_cache(folder, [source, other]) is None
    assert open_cache(folder, [tmp_path / "gone.ttl"]) is None


def test_loading_through_the_cache_makes_it_and_mends_it(tmp_path, source):
    folder = tmp_path / "new"
    first = load_cached([source], folder)
    assert_same(load_cached([source], folder), first)
    next(folder.glob("terms-*")).write_bytes(b"PAR1")
    assert_same(load_cached([source], folder), first)
    source.write_text(":c")
    with pytest.raises(InputError):
        load_cached([source], folder)
    source.write_text("<urn:a> <urn:b> <urn:c> .")
    assert len(load_cached([source], folder)) == 1
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("table", ["terms", "triples"])
def test_any_changed_byte_of_a_table_is_noticed(folder, table):
    path = next(folder.glob(f"{table}-*"))
    good = path.read_bytes()
    for position in range(0, len(good), max(len(good) // 50, 1)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])
        with pytest.raises(InputError, match="checksum"):
            read_cache(folder)
        assert open_cache(folder) is None
    path.write_bytes(good[:-1])
    assert open_cache(folder) is None
    path.unlink()
    assert open_cache(folder) is None
    path.write_bytes(good)
    assert open_cache(folder) is not None


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{", b"{}", b'{"format": 1}', b'{"format": 1, "tables": 1, "sources": []}'],
)
def test_a_damaged_manifest_is_noticed(folder, manifest):
    (folder / "manifest.json").write_bytes(manifest)
    with pytest.raises(InputError):
        read_cache(folder)
    assert open_cache(folder) is None


def test_a_cache_of_another_format_is_not_read(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["format"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StaleCacheError, match="format"):
        Columns.from_parquet(folder)


def test_tables_that_do_not_fit_together_are_refused_though_checksums_are_right(folder, tmp_path):
    other = tmp_path / "other"
    Columns.from_triples([(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"))]).to_parquet(
        other
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    theirs = json.loads((other / "manifest.json").read_text())
    manifest["tables"]["terms"], manifest["terms"] = theirs["tables"]["terms"], theirs["terms"]
    name = theirs["tables"]["terms"]["file"]
    (folder / name).write_bytes((other / name).read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="a term that is not there"):
        read_cache(folder)


def count_by_hand(columns, predicate):
    return len(columns.pairs(columns.terms.id_of(NamedNode(predicate))))


QUERY = """
select count(*) from triples join terms on terms.id = triples.predicate
where terms.text = 'urn:x:p'
"""


def test_duckdb_reads_the_tables(folder, source):
    duckdb = pytest.importorskip("duckdb")
    terms, triples = next(folder.glob("terms-*")), next(folder.glob("triples-*"))
    connection = duckdb.connect()
    connection.execute(
        f"create view terms as select *, file_row_number as id from read_parquet('{terms}', file_row_number=true)"
    )
    connection.execute(f"create view triples as select * from read_parquet('{triples}')")
    assert connection.execute(QUERY).fetchone()[0] == count_by_hand(load([source]), "urn:x:p")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frame_libraries_read_the_tables(folder, source, library):
    frames = pytest.importorskip(library)
    terms = frames.read_parquet(next(folder.glob("terms-*")))
    triples = frames.read_parquet(next(folder.glob("triples-*")))
    number = (
        terms["text"].to_list().index("urn:x:p")
        if library == "polars"
        else list(terms["text"]).index("urn:x:p")
    )
    found = (triples["predicate"] == number).sum()
    assert found == count_by_hand(load([source]), "urn:x:p")
    assert {tag for tag in terms["language"] if isinstance(tag, str)} == {"de"}
