"""What a check shows when there are more findings than anybody reads."""

import csv
import io

SYSTEM = '<urn:s{n}> a aims:AISystem ; rdfs:label "System {n}" ; aims:recordCompleteness aims:PartialRecord .\n'


def _inventory(aims, count: int) -> None:
    (aims.folder / "inventory.ttl").write_text(
        "@prefix aims: <https://w3id.org/aims-graph/ns#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        + "".join(SYSTEM.format(n=n) for n in range(count))
        + '<urn:risk> a aims:Risk ; rdfs:label "Risk" .\n'
    )


def _table(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if "\t" in line]
    return list(
        csv.DictReader(io.StringIO("\n".join(lines)), delimiter="\t", quoting=csv.QUOTE_NONE)
    )


def test_many_findings_are_shown_by_rule(aims) -> None:
    _inventory(aims, 100)
    done = aims.run("check", "inventory.ttl", "--as-of", "2026-11-24", code=1)
    findings = aims.json(
        "check", "inventory.ttl", "--as-of", "2026-11-24", "--format", "json", code=1
    )
    findings = findings["findings"]
    rows = {row["Rule"]: row for row in _table(done.stdout)}
    assert len(findings) > 200
    assert rows.keys() == {finding["shape"].rpartition("#")[2] for finding in findings}
    assert sum(int(row["Findings"]) for row in rows.values()) == len(findings)
    owner = rows["SystemHasOwner"]
    assert (owner["Findings"], owner["Not met"], owner["Unknown"]) == ("100", "0", "100")
    assert owner["Such as"].endswith(" and 97 more")
    assert "All of them, one by one: --format markdown" in done.stdout
    violations = [row for row in rows.values() if row["Severity"] == "violation"]
    assert int(violations[0]["Not met"]) > 0


def test_few_findings_are_shown_one_by_one(aims) -> None:
    _inventory(aims, 1)
    args = ("check", "inventory.ttl", "--as-of", "2026-11-24")
    findings = aims.json(*args, "--format", "json", code=1)["findings"]
    assert len(_table(aims.run(*args, code=1).stdout)) == len(findings) <= 200
