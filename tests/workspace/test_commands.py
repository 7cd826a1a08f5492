"""The commands on the journal, as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path


def test_a_life_of_a_workspace(aims, tmp_path):
    aims.ingest()
    aims("key", "new")
    key = tmp_path / "config" / "aims" / "keys"
    aims("head", "--sign", key / "aims.key", "-o", tmp_path / "head.json")
    aims.ingest(' ; aims:intendedUse "Advice"')
    assert [e["actor"] for e in json.loads(aims("log", "--format", "json"))] == ["Ada", "Ada"]
    shown = json.loads(aims("show", "2", "--format", "json"))
    assert '"Advice"' in shown["added_quads"][0]
    changed = json.loads(aims("diff", "1", "2", "--format", "json", "--as-of", "2026-06-30"))
    assert len(changed["added"]) == 1
    assert "SystemHasIntendedUse" in {f["rule"] for f in changed["findings_gone"]}
    assert "Advice" not in aims("at", "1", "export")
    assert "Advice" in aims("at", "2", "export")
    assert "past cannot be changed" in aims("at", "1", "revert", "1", code=2)
    aims("revert", "2")
    assert aims("export") == aims("at", "1", "export")
    aims("redact", "https://e.example/jane", "--reason", "asked to", "--yes")
    assert "jane" not in aims("at", "1", "export")
    checks = ("--head", tmp_path / "head.json", "--key", key / "aims.pub")
    assert "continues the head of 1 entries" in aims("verify", *checks)
    aims("backup", tmp_path / "b.tar")
    aims("verify", "--bundle", tmp_path / "b.tar", *checks)
    aims("restore", tmp_path / "b.tar", tmp_path / "restored", *checks)
    assert aims("--workspace", tmp_path / "restored", "export") == aims("export")
    assert "entry 4 is a redaction" in aims("revert", "4", code=2)
    assert "views of entry 4" in aims("rebuild")


def test_a_redaction_names_longer_texts_that_stay(aims):
    aims.ingest(' ; <urn:label> "Report of Jane", "Jane"')
    done = subprocess.run(
        [sys.executable, "-m", "aims_graph", "redact", "Jane", "--reason", "asked to", "--yes"],
        cwd=aims.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Recorded as entry 2" in done.stdout
    assert '"Report of Jane"' in done.stderr
    assert '  "Jane"' not in done.stderr


def test_a_changed_record_ends_in_exit_code_1(aims):
    aims.ingest()
    record = aims.folder / "journal" / "entries.jsonl"
    record.write_bytes(record.read_bytes().replace(b'"Ada"', b'"Bob"'))
    assert "✘" in aims("verify", code=1)


def test_a_blocked_commit_prints_its_findings_and_ends_in_exit_code_1(aims):
    (aims.folder / "policy.yaml").write_text("block:\n  - severities: [violation]\n")
    printed = aims.ingest(code=1)
    assert "Nothing was written" in printed
    assert "SystemHasIntendedUse" in printed
    assert (aims.folder / "journal" / "entries.jsonl").read_bytes() == b""


def test_a_private_key_does_not_go_into_the_workspace(aims):
    assert "would stand in the workspace" in aims("key", "new", "my.key", code=2)
    assert not (aims.folder / "my.key").exists()


def test_what_a_crash_left_is_reported_once(aims):
    aims.ingest()
    with (aims.folder / "journal" / "entries.jsonl").open("ab") as file:
        file.write(b'{"entry":{"actor":"A')
    assert "0 findings" not in aims("check", "--fail-on", "never")
    assert len(list((aims.folder / "journal" / "dropped").iterdir())) == 1
    assert len(json.loads(aims("log", "--format", "json"))) == 1


def test_what_is_recorded_is_proven_to_somebody_with_a_head_only(aims, tmp_path):
    def head(name: str) -> Path:
        aims("head", "-o", tmp_path / name)
        return tmp_path / name

    aims.ingest()
    old = head("old.json")
    aims.ingest(' ; aims:intendedUse "Advice"')
    new = head("new.json")
    proof, between = tmp_path / "proof.json", tmp_path / "between.json"
    aims("prove", "2", "--head", new, "--content", "-o", proof)
    aims("prove", "--from", old, "--to", new, "-o", between)
    aims("init", tmp_path / "elsewhere")
    aims.folder = tmp_path / "elsewhere"  # without the record
    assert "Entry 2 is one of the 2" in aims("verify", "--proof", proof, "--head", new)
    assert "different" not in aims("verify", "--proof", between, "--head", new, "--from", old)
    assert "is for a head of 2" in aims("verify", "--proof", proof, "--head", old, code=1)
    proof.write_text(proof.read_text().replace("Advice", "Orders"))
    shown = aims("verify", "--proof", proof, "--head", new, "--format", "json", code=1)
    assert json.loads(shown)["problems"] == ["the lines are not those of the entry"]
    assert "Give --head" in aims("verify", "--proof", proof, code=2)
    assert "older one is missing" in aims("verify", "--proof", between, "--head", new, code=1)


def test_what_is_to_be_proven_has_to_be_said(aims):
    assert "say what to prove" in aims("prove", code=2)
    assert "there is no entry 1" in aims("prove", "1", code=2)
