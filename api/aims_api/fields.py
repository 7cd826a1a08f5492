"""The fields of a record's form: which there are, what each takes, and what somebody put in.

All of it follows from the ontology (which property is of which class, what its values are) and from the
rules (what they ask for of things of the class comes first).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from aims_api.evaluation import Snapshot
from aims_api.records import TYPE, property_name
from aims_api.things import node_of
from aims_graph.assessment import number_key
from aims_graph.columns.lexical import read_value
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.ingest.ontology_terms import PropertyTerm, read_ontology_terms
from aims_graph.vocabulary import AIMS, DCT, RDFS, SKOS, XSD

#: A property of more values is shown, not edited: a form is for what people can look through.
_MANY: Final = 40
#: A choice of more than these is a field to write in, with suggestions.
_CHOICES: Final = 60
_SUGGESTIONS: Final = 500
#: Of more things than these, some are suggested; all can be named.
_SORTED: Final = 5_000
_NUMBERS: Final = frozenset({XSD + "integer", XSD + "decimal", XSD + "double"})
_FIRST: Final = (RDFS + "label", DCT + "identifier", DCT + "description")
_SHORT: Final = frozenset({RDFS + "label", DCT + "identifier", AIMS + "version", AIMS + "fileName"})
#: These come by roads of their own: approvals by an approver, files by uploading them.
ELSEWHERE: Final = frozenset(
    AIMS + name for name in ("approvedBy", "approvedOn", "fileHash", "fileName")
)
_LABEL: Final = NamedNode(RDFS + "label")
_DEFINITION: Final = NamedNode(SKOS + "definition")
_SH: Final = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, slots=True)
class Field:
    """``texts`` are what the inputs show, one more than there are values where more may come.

    ``kind``: line, text, date, number, yes-no, choice, thing, many. ``choices``: value and label of what may
    be picked. ``made``: classes of which a new thing could be the value.
    """

    name: str
    predicate: NamedNode
    label: str
    hint: str
    kind: str
    asked: bool
    values: tuple[Term, ...] = ()
    texts: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    made: tuple[NamedNode, ...] = ()

    def input_name(self, index: int) -> str:
        return f"v.{self.name}.{index}"


class FieldReader:
    """For things of some classes, as one evaluation shows them."""

    def __init__(self, snapshot: Snapshot, types: Iterable[NamedNode]) -> None:
        self._snapshot = snapshot
        self._reader = snapshot.reader
        self._terms = read_ontology_terms()
        self._classes = {above for cls in types for above in self._terms.above(cls.value)}
        self._candidates: dict[frozenset[str], list[tuple[str, str]]] = {}

    def fields(self, quads: Iterable[Quad], wanted: str = "") -> tuple[list[Field], list[Field]]:
        """Those that are filled, asked for or wanted, and all others that things of the classes may have."""
        said: dict[NamedNode, set[Term]] = {}
        for quad in quads:
            if quad.predicate != TYPE and quad.predicate.value not in ELSEWHERE:
                said.setdefault(quad.predicate, set()).add(quad.object)  # type: ignore[arg-type]
        asked = asked_for(self._snapshot, self._classes)
        main: list[Field] = []
        more: list[Field] = []
        for predicate in {*said, *map(NamedNode, self._known())}:
            values = sorted(said.get(predicate, ()), key=str)
            is_asked = predicate in asked
            field = self.field(predicate, values, asked=is_asked)
            first = bool(values) or is_asked or predicate.value in _FIRST or field.name == wanted
            (main if first else more).append(field)
        order = {iri: at for at, iri in enumerate(_FIRST)}
        main.sort(
            key=lambda f: (f.name != wanted, order.get(f.predicate.value, 9), f.label.casefold())
        )
        more.sort(key=lambda f: f.label.casefold())
        return main, more

    def _known(self) -> set[str]:
        """Properties of the classes, and those that anything may have. Rules read no inverse."""
        return {
            iri
            for iri, term in self._terms.properties.items()
            if term.inverse_of is None
            and iri not in ELSEWHERE
            and (term.kind in ("object", "datatype") and (not term.domains or term.domains & self._classes))
        }  # fmt: skip

    def field(self, predicate: NamedNode, values: Iterable[Term], *, asked: bool = False) -> Field:
        term = self._terms.properties.get(predicate.value) or PropertyTerm("annotation")
        values = tuple(values)
        made: tuple[NamedNode, ...] = ()
        choices: tuple[tuple[str, str], ...] = ()
        if term.kind == "object" or any(isinstance(v, NamedNode) for v in values):
            found = self._choices(term.ranges)
            few = bool(term.ranges) and len(found) <= _CHOICES
            kind = "choice" if few else "thing"
            choices = tuple(self._with(found, values) if few else found[:_SUGGESTIONS])
            if not self._is_closed(term.ranges):
                made = tuple(NamedNode(c) for c in sorted(term.ranges) if c.startswith(AIMS))
        else:
            kind = _literal_kind(predicate, term, values)
        field = Field(
            name=property_name(predicate),
            predicate=predicate,
            label=self._reader.label(predicate),
            hint=self._reader.text(predicate, _DEFINITION),
            kind=kind,
            asked=asked,
            values=values,
            choices=choices,
            made=made,
        )
        if len(values) > _MANY:
            return replace(field, kind="many")
        texts = [self.shown(field, value) for value in values]
        if kind in ("line", "text", "choice", "thing") or not texts:
            texts.append("")
        return replace(field, texts=tuple(texts))

    def _choices(self, ranges: frozenset[str]) -> list[tuple[str, str]]:
        """IRI and label of the vocabulary's individuals and the recorded things of the classes."""
        found = self._candidates.get(ranges)
        if found is None:
            nodes = {n for cls in ranges for n in self._reader.instances(NamedNode(cls))}
            if len(nodes) > _SORTED:
                nodes = set(islice(sorted(nodes, key=str), _SUGGESTIONS))
            numbers = self._snapshot.assessment.requirements
            named = [
                (n.value, f"{numbers[n].number} {numbers[n].title}" if n in numbers else self._reader.label(n), number_key(numbers[n].number) if n in numbers else ())
                for n in nodes
                if isinstance(n, NamedNode)
            ]  # fmt: skip
            named.sort(key=lambda row: (row[2], row[1].casefold(), row[0]))
            found = self._candidates[ranges] = [(iri, label) for iri, label, _ in named]
        return found

    def _with(
        self, found: list[tuple[str, str]], values: Iterable[Term]
    ) -> Iterable[tuple[str, str]]:
        known = {iri for iri, _ in found}
        yield from found
        for value in values:
            if value.value not in known:
                yield value.value, self._reader.label(value)

    def _is_closed(self, ranges: frozenset[str]) -> bool:
        """Whether the values are those of the vocabulary, as states and kinds are."""
        individuals = self._terms.individuals
        named = {c for classes in individuals.values() for c in classes}
        return bool(ranges & named) and not any(
            isinstance(n, NamedNode) and n.value not in individuals
            for cls in ranges
            for n in self._reader.instances(NamedNode(cls))
        )

    def shown(self, field: Field, value: Term) -> str:
        if isinstance(value, BlankNode):
            return str(value)
        if isinstance(value, Literal):
            return value.value
        label = dict(field.choices).get(value.value, "")
        is_unique = sum(name == label for _, name in field.choices) == 1
        return label if label and is_unique and field.kind == "thing" else value.value

    def read(self, field: Field, texts: Iterable[str]) -> list[Term]:
        """The values that the texts stand for; a text that was not touched stands for its value.

        Raises InputError.
        """
        found: list[Term] = []
        for index, text in enumerate(texts):
            old = field.values[index] if index < len(field.values) else None
            if old is not None and _plain(text) == _plain(self.shown(field, old)):
                found.append(old)
            elif text.strip():
                found.append(self._value(field, text, old))
        return list(dict.fromkeys(found))

    def _value(self, field: Field, text: str, old: Term | None) -> Term:
        if field.kind in ("choice", "thing"):
            return self._thing(field, text.strip())
        term = self._terms.properties.get(field.predicate.value)
        datatype = None if term is None else term.range
        if datatype is not None and datatype.startswith(XSD):
            if read_value(datatype, text.strip()) is None:
                raise InputError(
                    f"{text[:100]!r} has not the form of {local_name(NamedNode(datatype))}"
                )
            return Literal(text.strip(), datatype=NamedNode(datatype))
        text = text.replace("\r\n", "\n").strip()
        language = old.language if isinstance(old, Literal) else None
        return Literal(text) if language is None else Literal(text, language=language)

    def _thing(self, field: Field, text: str) -> NamedNode:
        folded = text.casefold()
        fitting = [
            iri for iri, label in field.choices if folded in (label.casefold(), iri.casefold())
        ]
        fitting = fitting or [n.value for n in self._labelled(text, field)]
        if len(fitting) == 1:
            return NamedNode(fitting[0])
        if len(fitting) > 1:
            raise InputError(f"{len(fitting)} things are called {text[:100]!r}: give the IRI")
        node = node_of(text)
        if node is not None:
            return node
        raise InputError(f"nothing that fits is called {text[:100]!r}")

    def _labelled(self, text: str, field: Field) -> list[NamedNode]:
        """Things of exactly this label, of any class that the property leads to."""
        term = self._terms.properties.get(field.predicate.value)
        ranges = frozenset() if term is None else term.ranges
        found: dict[NamedNode, None] = {}
        for label in (Literal(text), Literal(text, language="en")):
            for node in self._reader.subjects(_LABEL, label):
                types = {cls.value for cls in self._reader.types(node)}
                if isinstance(node, NamedNode) and self._terms.fits(types, ranges):
                    found[node] = None
        return list(found)


def _literal_kind(predicate: NamedNode, term: PropertyTerm, values: Iterable[Term]) -> str:
    if term.range == XSD + "date":
        return "date"
    if term.range == XSD + "boolean":
        return "yes-no"
    if term.range in _NUMBERS:
        return "number"
    long = any("\n" in value.value for value in values)
    return "line" if predicate.value in _SHORT and not long else "text"


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def asked_for(snapshot: Snapshot, classes: Iterable[str]) -> set[NamedNode]:
    """Properties that some rule asks for of things of the classes."""
    by_class: dict[str, set[NamedNode]] | None = snapshot.cache.get("asked for")
    if by_class is None:
        by_class = snapshot.cache["asked for"] = _read_asked(snapshot)
    return set().union(*(by_class.get(cls, set()) for cls in classes))


def _read_asked(snapshot: Snapshot) -> dict[str, set[NamedNode]]:
    shapes = Reader(snapshot.rules.shapes)
    found: dict[str, set[NamedNode]] = {}
    for rule in snapshot.assessment.by_rule:
        for shape in rule.target_shapes:
            for cls in _targets(shapes, shape):
                found.setdefault(cls, set()).update(rule.asks_for)
    return found


def _targets(shapes: Reader, shape: Term) -> Iterator[str]:
    """Classes whose things the shape looks at, also where it says so by a property."""
    properties = read_ontology_terms().properties
    unknown = PropertyTerm("annotation")
    for target in shapes.objects(shape, NamedNode(_SH + "targetClass")):
        yield target.value
    for target in shapes.objects(shape, NamedNode(_SH + "targetObjectsOf")):
        yield from properties.get(target.value, unknown).ranges
    for target in shapes.objects(shape, NamedNode(_SH + "targetSubjectsOf")):
        yield from properties.get(target.value, unknown).domains


def given_texts(form: Mapping[str, str], field: Field) -> list[str] | None:
    """What a form holds for the field; None when it holds nothing of it."""
    texts: list[str] = []
    while (text := form.get(field.input_name(len(texts)))) is not None:
        texts.append(text)
    return texts or None
