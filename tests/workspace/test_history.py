"""Net differences, taking entries back, and redaction as seen in the data."""

from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.assessment import load_ontology, load_shapes
from aims_graph.errors import InputError
from aims_graph.journal import quad_line
from aims_graph.journal.verification import verify
from aims_graph.vocabulary import AIMS, RDF
from aims_graph.workspace import Workspace
from aims_graph.workspace.history import compare, difference, revert
from aims_graph.workspace.redaction import longer_terms

P = NamedNode("urn:p")
SAID = {"reason": "test", "source": "test"}


def quad(text: str) -> Quad:
    return Quad(NamedNode("urn:s"), P, Literal(text), NamedNode("urn:g"))


@pytest.fixture
def written(workspace):
    workspace.commit([quad("a"), quad("b")], **SAID)
    workspace.commit([quad("c")], [quad("a")], **SAID)
    workspace.commit([quad("a")], [quad("b")], **SAID)
    return workspace


def lines(*texts: str) -> list[bytes]:
    return [quad_line(quad(text)) for text in texts]


def test_differences_are_net(written):
    whole = difference(written.journal, 0, 3)
    assert (whole.added, whole.removed) == (lines("a", "c"), [])
    later = difference(written.journal, 1, 3)
    assert (later.added, later.removed) == (lines("c"), lines("b"))
    back = difference(written.journal, 3, 1)
    assert (back.added, back.removed) == (lines("b"), lines("c"))
    assert difference(written.journal, 2, 2).added == []


def test_reverting_adds_an_entry_and_erases_none(written):
    result = revert(written, 2)
    assert result.entry.sequence == 4
    assert "Reverted entry 2" in result.entry.reason
    assert written.quads() == {quad("a")}
    assert result.left == 1  # a had come back already
    assert [entry.sequence for entry in written.journal.entries()] == [1, 2, 3, 4]


def test_a_revert_of_what_is_undone_already_writes_nothing(written):
    revert(written, 3)
    again = revert(written, 3)
    assert again.entry is None
    assert again.left == 2


def test_an_entry_that_never_was_cannot_be_reverted(written):
    with pytest.raises(InputError, match="there is no entry 9"):
        revert(written, 9)


def test_redacted_terms_are_gone_from_present_past_and_views(written):
    written.write_views()
    head = verify(written.journal.folder).head
    entry = written.redact([Literal("b"), Literal("a")], reason="asked to")
    assert entry.redacts == {1: 2, 2: 1, 3: 2, 4: 1}
    for moment in (None, "0", "1", "2", "3"):
        texts = {q.object.value for q in Workspace(written.path, at=moment).quads()}
        assert texts <= {"c"}
    assert written.quads() == {quad("c")}
    assert verify(written.journal.folder, head).good
    everything = b"".join(p.read_bytes() for p in written.path.rglob("*") if p.is_file())
    assert b'"b"' not in everything
    assert b'\\"b\\"' not in everything


def test_what_was_redacted_is_not_brought_back(written):
    """Entry 2 puts in c and takes out a; the other two are about a and b alone."""
    redaction = written.redact([Literal("a"), Literal("b")], reason="asked to")
    with pytest.raises(InputError, match=f"entry {redaction.sequence} is a redaction"):
        revert(written, redaction.sequence)
    for number in (1, 3):
        with pytest.raises(InputError, match=f"all of entry {number} was redacted"):
            revert(written, number)
    undone = revert(written, 2)
    assert (undone.withheld, undone.entry.added_count, undone.entry.removed_count) == (1, 0, 1)
    assert written.quads() == set()
    revert(written, undone.entry.sequence)
    assert written.quads() == {quad("c")}
    everything = b"".join(p.read_bytes() for p in written.path.rglob("*") if p.is_file())
    assert b'\\"a\\"' not in everything


def test_only_exact_terms_are_redacted(written):
    written.commit([quad("b and more"), Quad(P, P, Literal("b", language="en"))], **SAID)
    assert written.redact([Literal("nothing")], reason="asked to") is None
    written.redact([Literal("b")], reason="asked to")
    texts = {q.object.value for q in written.quads()}
    assert texts == {"a", "b", "b and more", "c"}


def test_terms_are_found_by_their_text(written):
    named = Quad(NamedNode("urn:x"), P, Literal('say "b"', language="en"))
    written.commit([named], **SAID)
    assert written.terms_with_text({"b", 'say "b"', "urn:x"}) == [
        Literal("b"),
        NamedNode("urn:x"),
        Literal('say "b"', language="en"),
    ]


def test_longer_texts_that_stay_are_named(written):
    named = Quad(NamedNode("urn:x/Jane"), P, Literal("Report of Jane", language="en"))
    written.commit([named, quad("Jane")], **SAID)
    written.redact(written.terms_with_text({"Jane"}), reason="asked to")
    assert set(longer_terms(written.journal, {"Jane"})) == {named.subject, named.object}
    assert longer_terms(written.journal, {"Jana"}) == []
    assert longer_terms(written.journal, {"Report of Jane"}) == []


def test_an_open_workspace_follows_a_redaction_by_another(written):
    other = Workspace(written.path)
    assert quad("c") in other.quads()
    written.redact([Literal("c")], reason="asked to")
    assert other.quads() == {quad("a")}
    other.commit([quad("d")], **SAID)
    assert written.quads() == {quad("a"), quad("d")}


def test_what_became_met_or_not_met_is_named(workspace):
    kind, system = NamedNode(RDF + "type"), NamedNode("urn:system")
    workspace.commit([Quad(system, kind, NamedNode(AIMS + "AISystem"))], **SAID)
    workspace.commit([Quad(system, NamedNode(AIMS + "intendedUse"), Literal("Advice"))], **SAID)
    before, after = (Workspace(workspace.path, at=n).columns() for n in "12")
    found = compare(
        before,
        after,
        as_of=date(2026, 6, 30),
        ontology=load_ontology(),
        shapes=load_shapes(),
    )
    assert "SystemHasIntendedUse" in {finding.rule.name for finding in found.gone}
    assert not found.appeared
