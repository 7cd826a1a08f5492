"""What somebody with some rights tries in order to have more, or to see what is not theirs."""

from dataclasses import replace

import pytest
from pyoxigraph import NamedNode

from aims_api.callers import Caller, Role
from aims_api.patches import read_patch
from aims_api.problems import ProblemError
from aims_api.record_changes import approve
from aims_api.writing import change

RECORDS = "urn:aims:source:records"
PERSON = "https://shop.example/aims#"
BIAS = PERSON + "bias"
UPDATE = {"Content-Type": "application/sparql-update"}


def insert(statements: str, graph: str = RECORDS) -> str:
    return f"INSERT DATA {{ GRAPH <{graph}> {{ {statements} }} }}"


# Duties


def approval(by="maria", on='"2026-06-30"^^xsd:date'):
    return f"<{PERSON}assessment> aims:approvedBy <{PERSON}{by}> ; aims:approvedOn {on} ."


@pytest.mark.parametrize(
    "said",
    [approval(by="zoe"), approval(on='"2025-01-01"^^xsd:date'), approval(on='"soon"')],
    ids=["in the name of somebody else", "of an earlier day", "of no day"],
)
def test_an_approval_is_the_approvers_own_and_of_today(login, workspace, said):
    maria = login("approver", person=PERSON + "maria")
    sequence = workspace.sequence
    answer = maria.post("/sparql", content=insert(said), headers=UPDATE)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/policy-denied")
    assert workspace.sequence == sequence
    assert maria.post("/sparql", content=insert(approval()), headers=UPDATE).status_code == 204


def test_who_stands_for_nobody_approves_by_no_road(login, workspace):
    sequence = workspace.sequence
    answer = login("approver").post("/sparql", content=insert(approval()), headers=UPDATE)
    assert answer.status_code == 403
    assert workspace.sequence == sequence


def test_who_wrote_under_a_token_does_not_approve_with_a_key(core, workspace):
    """Nor under another name: that is the issuer's to change, or its bearer's."""

    def caller(id_, name, role):
        return Caller(id_, name, frozenset({role}), ("*",), ("*",), PERSON + "maria")

    def approves(who):
        return approve(core, who, NamedNode(BIAS), "Fine", core.snapshots.day)

    comment = read_patch(f'<{BIAS}> <urn:x:note> "Known since May" .'.encode(), "turtle", RECORDS)
    written = caller("https://id.example#7", "maria", Role.EDITOR)
    change(core, written, lambda _: (comment, ()), reason="x", source="records")
    for other in (
        caller("https://id.example#7", "Maria L.", Role.APPROVER),
        caller("0a1b2c3d4e5f", "maria", Role.APPROVER),
    ):
        with pytest.raises(ProblemError, match="wrote the record"):
            approves(other)
    assert approves(replace(other, id="1", person=PERSON + "zoe")).status_code == 200
