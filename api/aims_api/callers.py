"""Who asks, and what they may do: roles, permissions, named graphs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aims_graph.errors import InputError
from aims_graph.sparql.graphs import FINDINGS, ONTOLOGY, RESERVED, UNNAMED
from aims_graph.workspace.sign_offs import AUDITS

#: Stands for quads that are in no named graph.
DEFAULT_GRAPH: Final = UNNAMED.value
#: Graphs that the engine makes; nobody writes to them.
ONTOLOGY_GRAPH: Final = ONTOLOGY.value
FINDINGS_GRAPH: Final = FINDINGS.value
RECORDS_GRAPH: Final = "urn:aims:source:records"
AUDIT_GRAPH: Final = AUDITS.value
_RESERVED: Final = frozenset(name.value for name in RESERVED)


class Role(StrEnum):
    READER = "reader"
    AUDITOR = "auditor"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"


class Permission(StrEnum):
    """``READ`` what the caller's graphs hold; ``JOURNAL`` who changed it; ``AUDIT`` notes and
    sign-off of an audit; ``WRITE`` records; ``APPROVE`` what others have made; ``MANAGE`` keys.
    """

    READ = "read"
    JOURNAL = "journal"
    AUDIT = "audit"
    WRITE = "write"
    APPROVE = "approve"
    MANAGE = "manage"

    @property
    def words(self) -> str:
        """As in "the right to …"."""
        return {"journal": "read the journal", "manage": "manage keys"}.get(self.value, self.value)


GRANTED: Final[dict[Role, frozenset[Permission]]] = {
    Role.READER: frozenset({Permission.READ}),
    Role.AUDITOR: frozenset({Permission.READ, Permission.JOURNAL, Permission.AUDIT}),
    Role.EDITOR: frozenset({Permission.READ, Permission.JOURNAL, Permission.WRITE}),
    Role.APPROVER: frozenset({Permission.READ, Permission.JOURNAL, Permission.APPROVE}),
    Role.ADMIN: frozenset(
        {Permission.READ, Permission.JOURNAL, Permission.WRITE, Permission.MANAGE}
    ),
}

#: Roles that one caller may not hold together: who makes or audits a record does not approve it.
APART: Final = (
    (Role.EDITOR, Role.APPROVER),
    (Role.ADMIN, Role.APPROVER),
    (Role.AUDITOR, Role.EDITOR),
    (Role.AUDITOR, Role.APPROVER),
)


@dataclass(frozen=True, slots=True)
class Caller:
    """``name`` is what the journal says; ``person`` the IRI of the caller in the graph, if known.

    ``read`` and ``write`` name graphs: an IRI, the beginning of IRIs and ``*``, or ``*`` for all.
    """

    id: str
    name: str
    roles: frozenset[Role]
    read: tuple[str, ...]
    write: tuple[str, ...]
    person: str | None = None
    csrf: str | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(GRANTED[role] for role in self.roles))

    def may(self, permission: Permission) -> bool:
        return any(permission in GRANTED[role] for role in self.roles)

    def may_read(self, graph: str) -> bool:
        return _fits(graph, self.read)

    def may_write(self, graph: str) -> bool:
        """The audited write in no audit, whatever their graphs are."""
        if graph == AUDIT_GRAPH and not (self.may(Permission.AUDIT) or self.may(Permission.MANAGE)):
            return False
        return _fits(graph, self.write) and self.may_read(graph) and graph not in _RESERVED

    @property
    def reads_all(self) -> bool:
        return "*" in self.read


def _fits(graph: str, patterns: Iterable[str]) -> bool:
    return any(
        graph.startswith(pattern[:-1]) if pattern.endswith("*") else graph == pattern
        for pattern in patterns
    )


def check_roles(names: Iterable[str]) -> frozenset[Role]:
    """Raises InputError on an unknown role, on none, and on roles that must be held apart."""
    try:
        roles = frozenset(Role(name) for name in names)
    except ValueError:
        raise InputError(
            "there is no such role", hint=f"Roles: {', '.join(role.value for role in Role)}"
        ) from None
    if not roles:
        raise InputError("a caller has at least one role")
    for one, other in APART:
        if {one, other} <= roles:
            raise InputError(f"nobody is {one} and {other} at once: duties are separated")
    return roles
