"""Large files, which go into the columns without a quad of their own for each triple."""

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from typer.testing import CliRunner

from aims_graph.cli import app as command_line
from aims_graph.columns import TermDictionary
from aims_graph.errors import InputError
from aims_graph.ingest import ingest
from aims_graph.workspace import Workspace, imports
from aims_graph.workspace.imports import RdfFiles, are_large

TURTLE = """@prefix : <urn:e:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:s a :System ; :p 1 , "x"@en , "2026-02-30"^^xsd:date , "?"^^:own , [ a :Thing ] . :t a :System .
"""
FILES = {
    "a.ttl": TURTLE,
    "b.nt": '<urn:e:s> <urn:e:p> "late"^^<http://www.w3.org/2001/XMLSchema#integer> .\n_:b <urn:e:p> _:c .\n',
    "c.nq": "<urn:e:s> <urn:e:p> <urn:e:o> <urn:e:g> .\n<urn:e:s> <urn:e:p> <urn:e:o> <urn:e:h> .\n",
    "d.trig": "@prefix : <urn:e:> . :g { :s a :System , :Other . _:b :p :s } :t a :System .",
}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return [tmp_path / name for name in FILES]


@pytest.fixture
def all_are_large(monkeypatch):
    monkeypatch.setattr(imports, "SMALL", 0)


def run(workspace: Path, *args: object) -> tuple[int, str]:
    command_line.register(list(command_line.MODULES))
    done = CliRunner().invoke(command_line.app, ["-w", str(workspace), *map(str, args)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize("name", FILES)
def test_a_large_file_is_reported_on_as_a_small_one_is(files, name):
    (file,) = (file for file in files if file.name == name)
    expected = ingest([file]).report.to_json()
    found = RdfFiles([file], TermDictionary()).report().to_json()
    if name == "c.nq":  # one triple in two graphs: a source is one graph
        assert (expected.pop("rows"), expected.pop("triples")) == (2, 2)
        assert (found.pop("rows"), found.pop("triples")) == (1, 1)
        assert found["sources"][0].pop("rows") == found["sources"][0].pop("triples") == 1
        assert expected["sources"][0].pop("rows") == expected["sources"][0].pop("triples") == 2
    assert found == expected


def test_what_several_large_files_share_is_counted_once(files, tmp_path):
    again = tmp_path / "again.ttl"
    again.write_text("<urn:e:s> a <urn:e:System> . <urn:e:s> a <urn:e:New> .")
    report = RdfFiles([files[0], again], TermDictionary()).report()
    assert [source.triples for source in report.sources] == [8, 1]
    assert report.entities == {"urn:e:System": 2, "urn:e:Thing": 1, "urn:e:New": 1}


def test_large_and_small_files_give_the_same_record(files, tmp_path, all_are_large):
    large, small = Workspace.create(tmp_path / "large"), Workspace.create(tmp_path / "small")
    said = {"reason": "test", "source": "all"}
    large.import_rdf(files, **said)
    small.replace_source(ingest(files).quads, **said)

    def plain(workspace: Workspace) -> ox.Dataset:
        made = ox.Dataset(
            ox.Quad(*(_blank(term) for term in (q.subject, q.predicate, q.object)), q.graph_name)
            for q in workspace.quads()
        )
        made.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return made

    assert plain(large) == plain(small)


def _blank(term):
    is_named = isinstance(term, ox.NamedNode) and "genid" in term.value
    return ox.BlankNode(term.value.rpartition("/")[2]) if is_named else term


def test_blank_nodes_of_a_file_keep_their_names_when_another_file_changes(tmp_path):
    one, two = tmp_path / "1.ttl", tmp_path / "2.ttl"
    one.write_text("_:b <urn:p> 1 .")
    two.write_text("_:b <urn:p> 2 .")
    workspace = Workspace.create(tmp_path / "w")
    said = {"reason": "test", "source": "both"}
    assert workspace.import_rdf([one, two], **said).added_count == 2
    assert len({quad.subject for quad in workspace.quads()}) == 2
    two.write_text("_:b <urn:p> 3 .")
    entry = workspace.import_rdf([one, two], **said)
    assert (entry.added_count, entry.removed_count) == (1, 1)


def test_reading_tells_how_far_it_is(files):
    told: list[tuple[int, int]] = []
    RdfFiles(files, TermDictionary(), lambda done, total: told.append((done, total)))
    total = sum(len(text.encode()) for text in FILES.values())
    assert {whole for _, whole in told} == {total}
    assert told[-1][0] == total
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_size_of_all_files_decides(files, tmp_path):
    assert not are_large(files)
    large = tmp_path / "large.nt"
    large.write_text("# " + "x" * (1 << 21) + "\n")
    assert are_large([*files, large])
    table = tmp_path / "t.csv"
    table.write_text("a,b\n")
    assert not are_large([large, table])
    assert not are_large([large, tmp_path / "missing.nt"])


def test_a_large_file_is_taken_in_by_the_command(tmp_path):
    lines = [f'<urn:e:{n}> <urn:e:p> "{"x" * 60}{n}" .\n' for n in range(25_000)]
    file = tmp_path / "large.nt"
    file.write_text("".join(lines))
    Workspace.create(tmp_path / "w")
    code, text = run(tmp_path / "w", "ingest", file, "--dry-run", "--json")
    assert (code, json.loads(text)["triples"]) == (0, 25_000)
    assert Workspace(tmp_path / "w").sequence == 0
    code, text = run(tmp_path / "w", "ingest", file)
    assert code == 0
    assert "Recorded as entry 1: 25000 triples added" in text
    assert (tmp_path / "w" / "views" / "columns").is_dir()
    assert "Nothing changed" in run(tmp_path / "w", "ingest", file)[1]
    file.write_text("".join(lines[1:]) + "<urn:e:0> <urn:e:p> <urn:e:o> .\n")
    assert "1 triples added, 1 removed" in run(tmp_path / "w", "ingest", file)[1]
    file.write_text("".join(lines) + "oops\n")
    with pytest.raises(InputError) as info:
        run(tmp_path / "w", "ingest", file)
    assert info.value.line == 25_001
    assert Workspace(tmp_path / "w").sequence == 2
