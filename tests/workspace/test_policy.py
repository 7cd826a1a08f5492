"""The gate: what a policy keeps from being committed."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.errors import InputError
from aims_graph.vocabulary import AIMS, RDF
from aims_graph.workspace import CommitBlockedError, Workspace
from aims_graph.workspace.policy import Block, read_policy

SAID = {"reason": "test", "source": "test"}
SYSTEM = NamedNode("urn:system")
IS_SYSTEM = Quad(SYSTEM, NamedNode(RDF + "type"), NamedNode(AIMS + "AISystem"))
USE = Quad(SYSTEM, NamedNode(AIMS + "intendedUse"), Literal("Advice"))


def in_stage(name: str) -> Quad:
    return Quad(SYSTEM, NamedNode(AIMS + "systemStage"), NamedNode(AIMS + name))


def set_policy(workspace: Workspace, text: str) -> None:
    (workspace.path / "policy.yaml").write_text(text)


IN_USE = "block:\n  - severities: [violation]\n    stages: [in use]\n"


def test_a_commit_that_adds_a_violation_on_a_system_in_use_is_blocked(workspace):
    workspace.commit([IS_SYSTEM, USE, in_stage("OperationAndMonitoring")], **SAID)
    set_policy(workspace, IN_USE)
    before = workspace.journal.file.read_bytes()
    with pytest.raises(CommitBlockedError, match="would add") as caught:
        workspace.commit([], [USE], **SAID)
    rules = {finding.rule.name for finding in caught.value.findings}
    assert rules == {"SystemHasIntendedUse"}
    assert workspace.journal.file.read_bytes() == before
    assert USE in workspace.quads()


def test_the_same_commit_passes_for_a_system_not_in_use(workspace):
    workspace.commit([IS_SYSTEM, USE, in_stage("Inception")], **SAID)
    set_policy(workspace, IN_USE)
    assert workspace.commit([], [USE], **SAID).sequence == 2


def test_a_policy_without_stages_is_for_everything(workspace):
    set_policy(workspace, "block:\n  - severities: [violation, warning]\n")
    with pytest.raises(CommitBlockedError):
        workspace.commit([IS_SYSTEM], **SAID)
    assert workspace.sequence == 0


def test_findings_that_were_there_before_block_nothing(workspace):
    workspace.commit([IS_SYSTEM, in_stage("OperationAndMonitoring")], **SAID)
    set_policy(workspace, IN_USE)
    assert workspace.commit([USE], **SAID).sequence == 2
    note = Quad(SYSTEM, NamedNode("urn:note"), Literal("x"))
    assert workspace.commit([note], **SAID).sequence == 3
    with pytest.raises(CommitBlockedError):
        workspace.commit([], [USE], **SAID)


def test_what_would_be_blocked_is_known_beforehand(workspace):
    workspace.commit([IS_SYSTEM], **SAID)
    workspace.commit([USE], **SAID)
    workspace.check([], [USE])
    (workspace.path / "policy.yaml").write_text("block:\n  - severities: [violation]")
    with pytest.raises(CommitBlockedError, match="policy"):
        workspace.check([], [USE])
    workspace.check([IS_SYSTEM], [])  # is there already
    assert workspace.sequence == 2


def test_what_if_names_findings_and_writes_nothing(workspace):
    workspace.commit([IS_SYSTEM], **SAID)
    change = workspace.what_if([USE])
    assert {finding.rule.name for finding in change.gone} == {"SystemHasIntendedUse"}
    assert not change.appeared
    assert workspace.sequence == 1
    assert USE not in workspace.quads()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "block: all",
        "allow: []",
        "block:\n  - stages: [in use]",
        "block:\n  - severities: [fatal]",
        "block:\n  - severities: []",
        "block:\n  - severities: [violation]\n    extra: 1",
        "block:\n  - severities: {violation: 1}",
        "block: &a [*a]",
    ],
)
def test_a_policy_that_is_wrong_stops_the_commit(workspace, text):
    set_policy(workspace, text)
    with pytest.raises(InputError) as caught:
        workspace.commit([IS_SYSTEM], **SAID)
    assert str(workspace.path / "policy.yaml") in str(caught.value)
    assert workspace.sequence == 0


def test_a_policy_is_read(tmp_path):
    (tmp_path / "p.yaml").write_text(IN_USE + "  - severities: [violation, info]\n")
    assert read_policy(tmp_path / "p.yaml") == (
        Block(frozenset({"violation"}), frozenset({"in use"})),
        Block(frozenset({"violation", "info"}), frozenset()),
    )
