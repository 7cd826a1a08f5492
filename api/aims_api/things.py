"""Kinds of things that have addresses of their own, and how one of them is named in an address."""

import base64
import binascii
import difflib
import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.vocabulary import AIMS, DCT, PREFIXES, RDF, RDFS

#: Name in addresses -> classes; a thing of a class below them counts.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "systems": ("AISystem",),
    "models": ("AIModel",),
    "model-versions": ("ModelVersion",),
    "datasets": ("Dataset",),
    "risks": ("Risk",),
    "treatments": ("RiskTreatment",),
    "controls": ("Control",),
    "implementations": ("ControlImplementation",),
    "entries": ("ApplicabilityEntry",),
    "evidence": ("Evidence",),
    "documents": ("DocumentedInformation",),
    "roles": ("Role",),
    "people": ("Person",),
    "suppliers": ("Supplier",),
    "assessments": ("RiskAssessment", "ImpactAssessment"),
    "audits": ("InternalAudit",),
    "incidents": ("Incident",),
    "nonconformities": ("Nonconformity",),
    "corrective-actions": ("CorrectiveAction",),
    "objectives": ("AIObjective",),
    "changes": ("SystemChange", "ManagementSystemChange"),
}
#: What says of which kind a thing is.
CLASSES: Final = (NamedNode(RDF + "type"), NamedNode(RDFS + "subClassOf"))
_PLAIN: Final = re.compile(r"[A-Za-z0-9][\w.\-]*", re.ASCII)
_IDENTIFIER: Final = NamedNode(DCT + "identifier")


def members(snapshot: Snapshot, kind: str) -> Mapping[Term, str]:
    """All things of a kind and the key of each: its local name where that is plain and unique."""
    return snapshot.once(("members", kind), lambda of: _read_members(of.reader, kind), CLASSES)


def _read_members(reader: Reader, kind: str) -> dict[Term, str]:
    nodes: dict[Term, str] = {}
    for name in KINDS[kind]:
        for node in reader.instances(NamedNode(AIMS + name)):
            if isinstance(node, NamedNode):
                nodes[node] = local_name(node)
    counts: dict[str, int] = {}
    for name in nodes.values():
        counts[name] = counts.get(name, 0) + 1
    return {
        node: name if counts[name] == 1 and _PLAIN.fullmatch(name) else coded(node)
        for node, name in nodes.items()
    }


def coded(node: Term) -> str:
    """An IRI as a key that any address can carry."""
    return "~" + base64.urlsafe_b64encode(node.value.encode()).decode().rstrip("=")


def named_at_once(snapshot: Snapshot, kind: str, name: str) -> NamedNode | None:
    """By key, IRI or prefixed name; None when it is another name, or keys have still to be made."""
    node, known = node_named(name), snapshot.known(("members", kind)) or {}
    if node in known:
        return node
    found: NamedNode | None = (snapshot.known(("keys", kind)) or {}).get(name)
    return found


def keys(snapshot: Snapshot, kind: str) -> Mapping[str, Term]:
    """The thing of a kind that each key means."""
    return snapshot.once(
        ("keys", kind), lambda of: {key: node for node, key in members(of, kind).items()}, CLASSES
    )


def find_in(snapshot: Snapshot, kind: str, name: str) -> NamedNode:
    """By key, IRI, prefixed name, identifier or label. Raises InputError when none or several fit."""
    known = members(snapshot, kind)
    node = node_named(name)
    if node is not None and node in known:
        return node
    by_key = keys(snapshot, kind)
    if name in by_key:
        found = by_key[name]
        assert isinstance(found, NamedNode)
        return found
    reader, wanted = snapshot.reader, name.casefold()
    for naming in (lambda n: reader.text(n, _IDENTIFIER), reader.label):
        matches = [n for n in known if naming(n).casefold() == wanted and isinstance(n, NamedNode)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise InputError(f"{name!r} names {len(matches)} of the {kind}", hint="Give the key")
    near = difflib.get_close_matches(name, by_key, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    raise InputError(f"none of the {kind} is called {name[:200]!r}", hint=hint)


def node_named(name: str) -> NamedNode | None:
    """A coded name, an IRI or a prefixed name as a node; None when it is none of them."""
    if name.startswith("~"):
        try:
            data = name[1:].encode()
            name = base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4)).decode()
        except (binascii.Error, ValueError):
            return None
    return node_of(name)


def node_of(name: str) -> NamedNode | None:
    """An IRI or prefixed name as a node; None when it is neither."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return None
    try:
        return NamedNode(PREFIXES[prefix] + local if prefix in PREFIXES else name)
    except ValueError:
        return None
