"""What a change touches, and the change itself as triples: a dataset withdrawn, a person who leaves, …"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader, Term
from aims_graph.errors import InputError
from aims_graph.trace.graph import TraceGraph, read_graph
from aims_graph.trace.relations import Relation, lineage_relations, traced_relations
from aims_graph.trace.selection import UP
from aims_graph.trace.steps import ids_of, pairs_along
from aims_graph.vocabulary import RDF, XSD, aims

_TYPE = NamedNode(RDF + "type")
# What is said of a thing from others, and does not stand in a trace.
_HELD = (
    "owner", "responsible", "performedBy", "approvedBy", "assignedTo", "hasMember", "auditor",
    "hasSupplier", "fromSource", "providedBy", "hasResource",
)  # fmt: skip
# The same of a control, and of it alone: what else is done for a control that comes up on the way is not touched.
_DONE_FOR = ("appliesControl", "implements")

#: Triples added and removed.
Change = tuple[list[Triple], list[Triple]]


def touched(data: Columns, thing: Term, states: dict[Term, str] | None = None) -> TraceGraph:
    """Everything that is made from the thing, rests on it or is held by it. ``data`` includes the ontology."""
    reader = Reader(data)
    relations = {
        (relation.predicate, relation.inverse): relation
        for relation in (
            *traced_relations(reader), *lineage_relations(reader), *_relations(reader, _HELD)
        )
    }  # fmt: skip
    return read_graph(
        reader,
        thing,
        tuple(relations.values()),
        states or {},
        UP,
        "Touched by ",
        at_start=tuple(_relations(reader, _DONE_FOR)),
    )


def _relations(reader: Reader, names: tuple[str, ...]) -> Iterator[Relation]:
    for name in names:
        node = aims(name)
        yield Relation(node, inverse=False, label=reader.label(node))


def withdraw(reader: Reader, thing: Term, _: date) -> Change:
    """Data may no longer be used for anything, nor what is derived from them; any other thing is gone."""
    columns = reader.columns
    if thing in reader.instances(aims("Dataset")):
        derived = pairs_along(columns, ids_of(columns, [thing]), ("^derivedFrom*", "sourceOf*"))[1]
        data = [columns.terms.term(node) for node in derived.tolist()]
        permits = aims("permitsUse")
        return (
            [(node, aims("forbidsUse"), use) for node in data for use in _uses(reader)],
            [(node, permits, use) for node in data for use in reader.objects(node, permits)],
        )
    removed: list[Triple] = []
    for predicate in columns.predicates.tolist():
        node = columns.terms.term(predicate)
        assert isinstance(node, NamedNode)
        removed += [(thing, node, value) for value in reader.objects(thing, node)]
        removed += [(subject, node, thing) for subject in reader.subjects(node, thing)]
    return [], removed


def _uses(reader: Reader) -> tuple[Term, ...]:
    return reader.instances(aims("DataUse"))


def leave(reader: Reader, thing: Term, as_of: date) -> Change:
    """A person is no longer in post from the date on, and has handed nothing over."""
    _require(reader, thing, "Person", "left")
    gone = aims("leftOn")
    return [(thing, gone, _day(as_of))], [(thing, gone, old) for old in reader.objects(thing, gone)]


def expire(reader: Reader, thing: Term, as_of: date) -> Change:
    """Every date until which the thing, or a person's competence, holds was the day before."""
    yesterday = _day(as_of - timedelta(days=1))
    holders = [thing, *reader.subjects(aims("ofPerson"), thing)]
    holders += reader.objects(thing, aims("hasEvaluation"))
    added: list[Triple] = []
    removed: list[Triple] = []
    for holder in holders:
        for name in ("licenceValidUntil", "validUntil", "nextDue"):
            old = reader.objects(holder, aims(name))
            if old:
                removed += [(holder, aims(name), value) for value in old]
                added.append((holder, aims(name), yesterday))
    if not added:
        raise InputError(
            f"{reader.label(thing)} has no licence, validity or next date that could run out"
        )
    return added, removed


def fail_bias(reader: Reader, thing: Term, as_of: date) -> Change:
    """The dataset's latest bias audit did not pass; without one, an audit that did not pass is added."""
    _require(reader, thing, "Dataset", "biased")
    audits = reader.objects(thing, aims("hasBiasAudit"))
    audits += reader.subjects(aims("auditsDataset"), thing)
    passed = aims("passed")
    if audits:
        latest = max(audits, key=lambda audit: reader.date(audit, aims("performedOn")) or "")
        removed: list[Triple] = [
            (latest, passed, value) for value in reader.objects(latest, passed)
        ]
        return [(latest, passed, _boolean("false"))], removed
    audit = NamedNode("urn:aims:supposed-bias-audit")
    return [
        (thing, aims("hasBiasAudit"), audit),
        (audit, _TYPE, aims("BiasAudit")),
        (audit, passed, _boolean("false")),
        (audit, aims("performedOn"), _day(as_of)),
        (audit, aims("nextDue"), _day(as_of + timedelta(days=365))),
        (audit, aims("protectedAttribute"), Literal("supposed")),
        (audit, aims("metricName"), Literal("supposed")),
    ], []


def fail_control(reader: Reader, thing: Term, _: date) -> Change:
    """Tests say the control does not work; where none is recorded, it is not implemented."""
    _require(reader, thing, "Control", "failed")
    implementations = reader.subjects(aims("implements"), thing)
    implementations += reader.objects(thing, aims("implementedBy"))
    added: list[Triple] = []
    removed: list[Triple] = []
    for node in implementations:
        tests = reader.objects(node, aims("hasEffectivenessTest"))
        effective, state = aims("effective"), aims("implementationState")
        for test in tests:
            removed += [(test, effective, value) for value in reader.objects(test, effective)]
            added.append((test, effective, _boolean("false")))
        if not tests:
            removed += [(node, state, value) for value in reader.objects(node, state)]
            added.append((node, state, aims("NotImplemented")))
    if not added:
        raise InputError(f"nothing says how {reader.label(thing)} is implemented")
    return added, removed


#: What may happen to a thing. Each raises InputError where it cannot happen to things of that class.
EVENTS: dict[str, Callable[[Reader, Term, date], Change]] = {
    "withdrawn": withdraw,
    "left": leave,
    "expired": expire,
    "biased": fail_bias,
    "failed": fail_control,
}


def _require(reader: Reader, thing: Term, kind: str, event: str) -> None:
    if thing not in reader.instances(aims(kind)):
        raise InputError(
            f"--if {event} is for a {reader.label(aims(kind)).lower()}, which "
            f"{reader.label(thing)} is not"
        )


def _day(value: date) -> Literal:
    return Literal(value.isoformat(), datatype=NamedNode(XSD + "date"))


def _boolean(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "boolean"))
