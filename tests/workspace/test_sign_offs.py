"""What is signed off in an audit takes no change by the library or the command, until it is reopened."""

import json

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.journal import quad_line
from aims_graph.vocabulary import AIMS
from aims_graph.workspace import SignedOffError, Workspace
from aims_graph.workspace.history import revert
from aims_graph.workspace.sign_offs import AUDITS, HAS_EXAMINATION, HAS_NOTE, HAS_SIGN_OFF

PREFIXES = """@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix dct: <http://purl.org/dc/terms/> .
"""
AUDIT = """
<urn:june> a aims:InternalAudit ; rdfs:label "June" ; aims:hasExamination <urn:exam>, <urn:other> .
<urn:exam> a aims:Examination ; rdfs:label "6.1.2 in June" ; aims:auditVerdict aims:Conforming ;
  aims:hasNote <urn:note> .
<urn:note> a aims:AuditNote ; dct:description "Seen" .
<urn:other> a aims:Examination ; rdfs:label "6.1.3 in June" .
<urn:nadia> rdfs:label "Nadia Novak" .
"""
SIGNED = """
<urn:exam> aims:hasSignOff <urn:sign-off> .
<urn:sign-off> a aims:SignOff ; aims:performedBy <urn:nadia> ; dct:created "2026-06-30T09:05:12.1+00:00" .
"""
WITHDRAWN = """
<urn:sign-off> aims:withdrawnBy <urn:nadia> ; aims:withdrawnOn "2026-07-01" ;
  aims:justification "Overlooked" .
"""
SAID = {"reason": "test", "source": "audit"}


def term(name: str) -> NamedNode:
    return NamedNode(AIMS + name)


def quad(subject: str, predicate: NamedNode, value: object, graph: NamedNode = AUDITS) -> Quad:
    return Quad(NamedNode(subject), predicate, value, graph)


def fill(workspace: Workspace, folder, *texts: str) -> None:
    """Each text is an entry that replaces what the source of audits held."""
    so_far = PREFIXES
    for text in texts:
        so_far += text
        (folder / "audit.ttl").write_text(so_far)
        workspace.import_rdf([folder / "audit.ttl"], **SAID)


@pytest.fixture
def signed(workspace, tmp_path):
    fill(workspace, tmp_path, AUDIT, SIGNED)
    return workspace


VERDICT = quad("urn:exam", term("auditVerdict"), term("Conforming"))
SIGN_OFF = NamedNode("urn:sign-off")
CHANGES = {
    "a verdict goes": ([], [VERDICT]),
    "a verdict comes": ([quad("urn:exam", term("auditVerdict"), term("Observation"))], []),
    "a note comes": ([quad("urn:exam", HAS_NOTE, NamedNode("urn:n"))], []),
    "a note is told more of": ([quad("urn:note", term("comment"), Literal("x"))], []),
    "the sign-off goes": ([], [quad("urn:exam", HAS_SIGN_OFF, SIGN_OFF)]),
    "the signer changes": ([quad("urn:sign-off", term("performedBy"), NamedNode("urn:erik"))], []),
    "half a withdrawal": ([quad("urn:sign-off", term("withdrawnOn"), Literal("2026-07-01"))], []),
    "the audit lets go of it": ([], [quad("urn:june", HAS_EXAMINATION, NamedNode("urn:exam"))]),
    "another audit takes it": ([quad("urn:july", HAS_EXAMINATION, NamedNode("urn:exam"))], []),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_commit_that_changes_it_is_refused_and_writes_nothing(signed, change) -> None:
    before = signed.journal.file.read_bytes()
    with pytest.raises(SignedOffError):
        signed.commit(*change, **SAID)
    with pytest.raises(SignedOffError):
        signed.change(lambda _: change, **SAID)
    assert signed.journal.file.read_bytes() == before
    assert VERDICT in signed.quads()


def test_the_refusal_says_which_audit_who_signed_when_and_what_to_do(signed) -> None:
    with pytest.raises(SignedOffError) as caught:
        signed.commit([], [VERDICT], **SAID)
    text = str(caught.value)
    assert (
        "6.1.2 in June of the audit June is signed off, by Nadia Novak on 2026-06-30 09:05" in text
    )
    assert "Begin a new audit, or withdraw the sign-off first" in text
    assert "<urn:sign-off>" in text


def test_what_is_not_signed_and_what_other_graphs_say_may_change(signed) -> None:
    signed.commit([quad("urn:other", HAS_NOTE, NamedNode("urn:n"))], **SAID)
    signed.commit([quad("urn:june", term("auditor"), NamedNode("urn:nadia"))], **SAID)
    elsewhere = NamedNode("urn:aims:source:records")
    signed.commit([quad("urn:exam", term("auditVerdict"), term("Observation"), elsewhere)], **SAID)
    assert signed.sequence == 5


def test_a_source_that_is_taken_in_anew_may_add_to_it_only_elsewhere(signed, tmp_path) -> None:
    file = tmp_path / "audit.ttl"
    file.write_text(PREFIXES + AUDIT)
    with pytest.raises(SignedOffError):
        signed.import_rdf([file], **SAID)
    with pytest.raises(SignedOffError):
        signed.replace_source([], **SAID)
    file.write_text(PREFIXES + AUDIT + SIGNED + "<urn:other> aims:hasNote <urn:n> .")
    assert signed.import_rdf([file], **SAID).added_count == 1


def test_a_source_with_very_many_triples_is_asked_too(signed, tmp_path) -> None:
    file = tmp_path / "audit.ttl"
    rows = "".join(f"<urn:x:{n}> aims:comment {n} .\n" for n in range(20_100))
    file.write_text(PREFIXES + AUDIT + SIGNED + rows + "<urn:exam> aims:comment 1 .")
    with pytest.raises(SignedOffError):
        signed.import_rdf([file], **SAID)
    file.write_text(PREFIXES + AUDIT + SIGNED + rows)
    assert signed.import_rdf([file], **SAID).added_count == 20_100


@pytest.mark.parametrize("number", [1, 2])
def test_neither_an_entry_before_the_sign_off_nor_the_sign_off_is_reverted(signed, number) -> None:
    with pytest.raises(SignedOffError):
        revert(signed, number)
    assert signed.sequence == 2


def test_a_withdrawn_sign_off_holds_nothing_and_stays_on_record(signed, tmp_path) -> None:
    (tmp_path / "audit.ttl").write_text(PREFIXES + AUDIT + SIGNED + WITHDRAWN)
    assert signed.import_rdf([tmp_path / "audit.ttl"], **SAID).added_count == 3
    assert signed.commit([], [VERDICT], **SAID) is not None
    for change in (
        ([], [quad("urn:sign-off", term("withdrawnOn"), Literal("2026-07-01"))]),
        ([quad("urn:sign-off", term("justification"), Literal("Other"))], []),
        ([], [quad("urn:exam", HAS_SIGN_OFF, SIGN_OFF)]),
    ):
        with pytest.raises(SignedOffError):
            signed.commit(*change, **SAID)


def test_a_signed_audit_holds_all_that_belongs_to_it(workspace, tmp_path) -> None:
    whole = SIGNED.replace("<urn:exam>", "<urn:june>")
    fill(workspace, tmp_path, AUDIT, whole)
    with pytest.raises(SignedOffError, match=r"^June is signed off, by Nadia Novak"):
        workspace.commit([quad("urn:note", term("comment"), Literal("x"))], **SAID)
    with pytest.raises(SignedOffError):
        workspace.commit([quad("urn:other", HAS_NOTE, NamedNode("urn:n"))], **SAID)


def test_personal_data_are_erased_from_what_is_signed_too(signed) -> None:
    entry = signed.redact([NamedNode("urn:nadia")], reason="request 12")
    assert entry is not None
    assert not any(b"nadia" in quad_line(found) for found in signed.quads())
    with pytest.raises(SignedOffError, match="by somebody on 2026-06-30"):
        signed.commit([], [VERDICT], **SAID)


def test_no_command_leads_around_it(aims) -> None:
    for text in (AUDIT, AUDIT + SIGNED):
        (aims.folder / "audit.ttl").write_text(PREFIXES + text)
        aims("ingest", "audit.ttl", "--source", "audit", "--reason", "why")
    (aims.folder / "audit.ttl").write_text(PREFIXES + AUDIT)
    prefix = f"PREFIX a: <{AIMS}> "
    verdict = f"GRAPH <{AUDITS.value}> {{ <urn:exam> a:auditVerdict"
    for words in (
        ("ingest", "audit.ttl", "--source", "audit", "--reason", "why"),
        ("update", prefix + f"DELETE DATA {{ {verdict} a:Conforming }} }}"),
        ("update", prefix + f"INSERT DATA {{ {verdict} a:Observation }} }}"),
        ("update", f"CLEAR GRAPH <{AUDITS.value}>"),
        ("update", prefix + f"DELETE DATA {{ {verdict} a:Conforming }} }}", "--dry-run"),
        ("revert", "1"),
        ("revert", "2"),
    ):
        said = " ".join(aims(*words, code=2).split())
        assert "is signed off, by Nadia Novak on 2026-06-30 09:05" in said, words
        assert "Begin a new audit" in said
    foreseen = aims(
        "what-if", prefix + f"DELETE DATA {{ {verdict} a:Conforming }} }}", "--format", "json"
    )
    assert "is signed off, by Nadia Novak" in json.loads(foreseen)["refused"]
    reopening = f"""INSERT DATA {{ GRAPH <{AUDITS.value}> {{ <urn:sign-off> a:withdrawnBy <urn:nadia> ;
      a:withdrawnOn "2026-07-01" ; a:justification "Overlooked" }} }}"""
    aims("update", prefix + reopening)
    aims("update", prefix + f"DELETE DATA {{ {verdict} a:Conforming }} }}")
