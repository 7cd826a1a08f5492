"""How far the intake says it is: never back, and at the end all bytes of the files."""

from pathlib import Path

from aims_graph.columns import load
from aims_graph.ingest import ingest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def _assert_rises_to(total: int, told: list[tuple[int, int]]) -> None:
    assert {whole for _, whole in told} == {total}
    done = [part for part, _ in told]
    assert done == sorted(done)
    assert done[-1] == total


def test_authored_and_rdf_files_count_by_their_bytes() -> None:
    shop = EXAMPLES / "shop"
    files = [path for part in ("common", "conforming") for path in sorted((shop / part).iterdir())]
    told: list[tuple[int, int]] = []
    ingest(files, tell=lambda *how_far: told.append(how_far))
    _assert_rises_to(sum(path.stat().st_size for path in files), told)
    assert len(told) > len(files)


def test_a_table_counts_by_its_rows(tmp_path: Path) -> None:
    table, mapping = tmp_path / "t.csv", tmp_path / "m.yaml"
    table.write_text("id\n" + "".join(f"s{n}\n" for n in range(1000)))
    mapping.write_text(
        "base: https://example.org/\n"
        "sources: {t: {file: t.csv}}\n"
        "entities: {s: {source: t, subject: 'sys/{id}', type: aims:AISystem}}\n"
    )
    told: list[tuple[int, int]] = []
    ingest([table], mapping=mapping, tell=lambda *how_far: told.append(how_far))
    _assert_rises_to(table.stat().st_size, told)
    assert len(told) >= 10


def test_a_large_file_tells_while_it_is_read(tmp_path: Path) -> None:
    paths = [tmp_path / "large.nt", tmp_path / "small.ttl"]
    paths[0].write_text("".join(f"<urn:{n}> <urn:p> <urn:o> .\n" for n in range(600_000)))
    paths[1].write_text("<urn:a> <urn:b> <urn:c> .")
    told: list[tuple[int, int]] = []
    graph = load(paths, tell=lambda *how_far: told.append(how_far))
    assert len(graph) == 600_001
    _assert_rises_to(sum(path.stat().st_size for path in paths), told)
    assert len(told) > 3
