"""why and infer as a user calls them, and check with inference on the shop example."""

from pathlib import Path

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
AS_OF = "2026-11-24"

DATA = ("--data", SHOP / "common", "--data", SHOP / "conforming")


def test_why_prints_the_proof_down_to_recorded_triples(aims) -> None:
    text = aims.run("why", "pricing", "protectedByControl", "A.7.4", *DATA).stdout
    assert "prp-spo2" in text
    assert text.count("[asserted]") == 5


def test_why_names_the_domain_rule(aims) -> None:
    text = aims.run("why", "fraud", "highestRiskLevel", "level-critical", *DATA).stdout
    assert "[https://w3id.org/aims-graph/rules#highest-risk-level]" in text.splitlines()[0]
    assert text.count("[asserted]") == 4


def test_why_answers_in_json(aims) -> None:
    steps = aims.json("why", "opportunity-returns", "a", "Opportunity", *DATA, "--format", "json")[
        "steps"
    ]
    assert [step["rule"] for step in steps] == ["asserted"]


def test_what_does_not_follow_has_no_proof(aims) -> None:
    done = aims.run("why", "opportunity-returns", "a", "Dataset", *DATA, code=1)
    assert "neither is recorded nor follows" in done.stderr


def test_infer_counts_what_follows(aims) -> None:
    text = aims.run("infer", *DATA, "--format", "count").stdout
    assert "ns#tracesTo>" in text


def test_a_contradiction_ends_in_exit_code_1(aims, tmp_path) -> None:
    file = tmp_path / "wrong.ttl"
    file.write_text(
        "@prefix aims: <https://w3id.org/aims-graph/ns#> . <urn:x> a aims:Person , aims:Dataset .",
        encoding="utf-8",
    )
    done = aims.run("infer", "--data", file, "--format", "count", code=1)
    assert "x is both" in done.stderr
    found = aims.json("check", file, "--infer", "--format", "json", "--as-of", AS_OF, code=1)[
        "findings"
    ]
    assert any("which share no members" in finding["message"] for finding in found)


def test_inference_changes_no_finding_of_the_shop(aims) -> None:
    for version, code in (("conforming", 0), ("with-gaps", 1)):
        files = (SHOP / "common", SHOP / version, "--as-of", AS_OF, "--format", "json")
        plain = aims.json("check", *files, code=code)["findings"]
        inferred = aims.json("check", *files, "--infer", code=code)["findings"]
        assert inferred == plain
