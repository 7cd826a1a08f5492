"""Hostile input ends in an InputError with a position, and the process lives."""

import json
import subprocess
import sys

import pytest
import yaml

from aims_graph.columns import load
from aims_graph.columns.guards import DEEPEST, DEEPEST_JSON, MOST_PREFIXES
from aims_graph.errors import InputError

KINDS = {
    "turtle": ".ttl",
    "trig": ".trig",
    "nquads": ".nq",
    "json-ld": ".jsonld",
    "rdf/xml": ".rdf",
}

RUN = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from pathlib import Path
from aims_graph.columns import load
from aims_graph.errors import InputError
for path in sys.argv[1:]:
    try:
        outcome = {"triples": len(load([Path(path)]))}
    except InputError as error:
        outcome = {"line": error.line, "column": error.column, "message": error.message}
    print(json.dumps({"file": path, **outcome}), flush=True)
"""

#: What the file's expected outcome comes down to here; policy on graphs, subjects and values is
#: decided by the layers above.
READABLE = {"TTL-13", "TTL-14", "TRIG-01", "XSS-01"}


def test_reference_cases_end_in_an_error_with_position(shared, tmp_path):
    cases = yaml.safe_load((shared / "bad-inputs" / "cases.yaml").read_text())["cases"]
    paths = {}
    for case in cases:
        if case["kind"] not in KINDS:
            continue
        if "file" in case:
            paths[case["id"]] = shared / "bad-inputs" / case["file"]
        else:
            assert case["id"] == "TTL-10", "a generated case that this test does not know"
            paths["TTL-10"] = tmp_path / "prefixes.ttl"
            text = "".join(f"@prefix p{i}: <http://e/{i}#> .\n" for i in range(500_000))
            paths["TTL-10"].write_text(text)
    run = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, paths.values())],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcomes = dict(zip(paths, map(json.loads, run.stdout.splitlines()), strict=True))
    for case in cases:
        outcome = outcomes.get(case["id"])
        if outcome is None:
            continue
        if case["id"] in READABLE:
            assert "triples" in outcome, case["id"]
            continue
        assert "message" in outcome, case["id"]
        if "UTF-16" not in case["title"]:
            assert outcome["line"] is not None, case["id"]
        if case["expected"]["position"] and case["kind"] != "rdf/xml":
            line = int(case["expected"]["position"].split(":")[0])
            assert outcome["line"] == line, (case["id"], outcome)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.ttl", "<urn:a> <urn:b> " + "(" * DEEPEST + ")" * DEEPEST + " ."),
        ("x.ttl", "<urn:a> <urn:b> " + "[<urn:b>" * DEEPEST + " 1" + "]" * DEEPEST + " ."),
        ("x.ttl", "<urn:a> <urn:b> " + '"[[[((("@en, ' * 100 + "() ."),
        ("x.ttl", "".join('[] <urn:b> ([] \'(\' """"((""") . # (((\n' for _ in range(200))),
        ("x.jsonld", '{"urn:a": "' + '\\\\\\"[{' * 100 + '"}'),
        ("x.jsonld", "[" * DEEPEST_JSON + "]" * DEEPEST_JSON),
    ],
)
def test_nesting_up_to_the_limit_is_read(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    load([tmp_path / name])


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("x.ttl", "<urn:a> <urn:b> " + "(" * 200, 17 + DEEPEST),
        ("x.ttl", "[<urn:b> " * 200, 1 + 9 * DEEPEST),
        ("x.trig", "<urn:g> {" + "[<urn:b> " * 200, 1 + 9 * DEEPEST),
        ("x.jsonld", "[" * 100, 1 + DEEPEST_JSON),
        ("x.jsonld", '"\\\\"' + "[" * 100, 5 + DEEPEST_JSON),
        ("x.jsonld", '{"a":' * 100, 1 + 5 * DEEPEST_JSON),
        ("x.rdf", "<a>" * 200, 1 + 3 * DEEPEST),
        ("x.ttl", "<urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> .", 17),
        ("x.nt", "<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", 17),
        ("x.ttl", '<urn:a> <urn:b> "x"@en--ltr .', 20),
        ("x.rdf", "<!DOCTYPE x>", 1),
        ("x.ttl", '<urn:a> <urn:b> "a\\u0000b" .', 19),
    ],
)
def test_what_goes_beyond_is_refused_where_it_stands(tmp_path, name, text, column):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        load([tmp_path / name])
    assert (caught.value.line, caught.value.column) == (1, column)


def test_prefixes_are_counted_outside_strings_and_comments(tmp_path):
    path = tmp_path / "x.ttl"
    path.write_text("# prefix\n" * 1500 + '<urn:a> <urn:b> "prefix" .\n' * 1500)
    assert len(load([path])) == 1
    path.write_text("PrEfIx a: <urn:a>\n" * (MOST_PREFIXES + 1))
    with pytest.raises(InputError, match="more than 1000 prefixes") as caught:
        load([path])
    assert caught.value.line == MOST_PREFIXES + 1


@pytest.mark.parametrize(
    "context",
    [
        '"http://127.0.0.1:8971/c"',
        '["http://127.0.0.1:8971/c"]',
        '{"@import": "http://127.0.0.1:8971/c"}',
        '[{"a": "urn:a"}, "http://127.0.0.1:8971/c"]',
    ],
)
def test_a_remote_context_is_named_and_not_fetched(tmp_path, context):
    path = tmp_path / "x.jsonld"
    path.write_text('{"@id": "urn:a",\n "@context": ' + context + ', "urn:b": 1}')
    with pytest.raises(InputError, match=r"remote context.*not allowed") as caught:
        load([path])
    assert caught.value.line in (2, None)


def test_text_that_looks_like_triple_terms_is_text(tmp_path):
    for name, text in {
        "x.nt": '<urn:a> <urn:b> "<<(" . # <<(\n',
        "x.ttl": '<urn:a> <urn:b> \'<<\', """<<""" . # <<\n',
    }.items():
        (tmp_path / name).write_text(text)
        assert len(load([tmp_path / name])) >= 1
