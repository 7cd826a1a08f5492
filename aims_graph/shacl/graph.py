"""Reading a shapes graph: small, walked node by node, so kept as nested dictionaries of terms."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.shacl.names import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_SUBCLASS, Term


class ShapesGraph:
    """Look-up by subject and by predicate; answers keep the order of the columns."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._by_subject: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._by_predicate: dict[NamedNode, list[tuple[Term, Term]]] = {}
        #: Namespaces by prefix, of the values of sh:prefixes that were read.
        self.prefixes: dict[tuple[Term, ...], dict[str, str]] = {}
        self._instances: dict[tuple[NamedNode, ...], dict[Term, None]] = {}
        for subject, predicate, value in columns.triples():
            assert isinstance(predicate, NamedNode)
            self._by_subject.setdefault(subject, {}).setdefault(predicate, []).append(value)
            self._by_predicate.setdefault(predicate, []).append((subject, value))

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        return self._by_subject.get(subject, {}).get(predicate, [])

    def pairs(self, predicate: NamedNode) -> list[tuple[Term, Term]]:
        return self._by_predicate.get(predicate, [])

    def predicates(self, subject: Term) -> list[NamedNode]:
        return list(self._by_subject.get(subject, {}))

    def subjects(self) -> Iterator[Term]:
        return iter(self._by_subject)

    def instances(self, *classes: NamedNode) -> list[Term]:
        """SHACL instances: of the classes or, by rdfs:subClassOf, of classes below them."""
        return list(self._instances_of(classes))

    def is_instance(self, node: Term, *classes: NamedNode) -> bool:
        return node in self._instances_of(classes)

    def _instances_of(self, classes: tuple[NamedNode, ...]) -> dict[Term, None]:
        if classes not in self._instances:
            below: set[Term] = set(classes)
            pending: list[Term] = list(classes)
            while pending:
                superclass = pending.pop()
                for subclass, above in self.pairs(RDFS_SUBCLASS):
                    if above == superclass and subclass not in below:
                        below.add(subclass)
                        pending.append(subclass)
            found = (node for node, kind in self.pairs(RDF_TYPE) if kind in below)
            self._instances[classes] = dict.fromkeys(found)
        return self._instances[classes]

    def members(self, head: Term) -> list[Term]:
        """Members of a SHACL list (section 1.1). Raises InputError when it is not well-formed."""
        members: list[Term] = []
        seen: set[Term] = set()
        node = head
        while node != RDF_NIL:
            first, rest = self.objects(node, RDF_FIRST), self.objects(node, RDF_REST)
            if isinstance(node, Literal) or len(first) != 1 or len(rest) != 1 or node in seen:
                raise InputError(f"{head} is not a well-formed RDF list")
            seen.add(node)
            members.append(first[0])
            node = rest[0]
        return members
