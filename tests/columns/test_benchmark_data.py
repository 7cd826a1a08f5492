"""The benchmark's graph is what its sidecar says, so that wrong results are seen."""

import importlib.util
import json
from collections import Counter

import pytest

from aims_graph.columns import load
from aims_graph.shacl import validate


@pytest.fixture(scope="module")
def generate(root):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(
            root / "benchmarks"
        )  # as of a script that is run: it imports others there
        return load_script(root)


def load_script(root):
    spec = importlib.util.spec_from_file_location("generate", root / "benchmarks" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(generate, tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "data.nt"
    triples, expected = generate.write(path, 60_000, seed=3)
    return path, triples, expected


def test_the_graph_has_the_size_asked_for(written):
    path, triples, _ = written
    assert abs(triples - 60_000) < 1_000
    assert len(load([path])) == triples


def test_the_same_seed_gives_the_same_bytes(generate, written, tmp_path):
    path, _, expected = written
    other = tmp_path / "other.nt"
    assert generate.write(other, 60_000, seed=3)[1] == expected
    assert other.read_bytes() == path.read_bytes()
    generate.write(other, 60_000, seed=4)
    assert other.read_bytes() != path.read_bytes()


def test_each_shape_gives_the_results_planted(root, written):
    path, _, expected = written
    report = validate(load([path]), load([root / "benchmarks" / "shapes.ttl"]))
    found = Counter(result.shape.value.rpartition("#")[2] for result in report.results)
    assert found == Counter({shape: count for shape, count in expected.items() if count})


def test_core_shapes_have_no_sparql(generate, tmp_path):
    path = tmp_path / "core.ttl"
    path.write_text(generate.core_shapes())
    text = [triple[1].value.rpartition("#")[2] for triple in load([path]).triples()]
    assert "sparql" not in text
    assert text.count("path") > 90


def test_the_command_writes_graph_and_sidecar(generate, tmp_path, monkeypatch):
    path = tmp_path / "x.nt"
    monkeypatch.setattr("sys.argv", ["generate.py", "--triples", "5000", str(path)])
    generate.main()
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert sidecar["triples"] == len(load([path]))
    assert sidecar["results"] == sum(sidecar["results_by_shape"].values())
