"""The words of the records explained: each term of the vocabulary, and where the records use it."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Response
from pyoxigraph import NamedNode

from aims_api.evaluation import Snapshot
from aims_api.pages.links import Link
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.requirements import MOST
from aims_api.pages.statements import pointing
from aims_api.problems import ProblemError
from aims_api.searching import plain
from aims_graph.assessment import Rule
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, DCT, OWL, RDFS, SKOS

router = page_router()
_DEFINED_BY: Final = NamedNode(RDFS + "isDefinedBy")
_DEFINITION: Final = NamedNode(SKOS + "definition")
_EXAMPLE: Final = NamedNode(SKOS + "example")
_SOURCE: Final = NamedNode(DCT + "source")
_TITLE: Final = NamedNode(DCT + "title")
_BROADER: Final = NamedNode(RDFS + "subClassOf")
_DOMAIN: Final = NamedNode(RDFS + "domain")
_RANGE: Final = NamedNode(RDFS + "range")
_CLASS: Final = NamedNode(OWL + "Class")
#: What a term is, in words; what is none of these is a value of its class.
_WORDS: Final = {
    _CLASS: "Kind of thing",
    NamedNode(OWL + "ObjectProperty"): "Relation between things",
    NamedNode(OWL + "DatatypeProperty"): "Detail of a thing",
    NamedNode(OWL + "AnnotationProperty"): "Note on a thing",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of the list."""

    term: NamedNode
    label: str
    word: str
    definition: str


@router.get("/vocabulary")
def vocabulary_page(visit: Visiting, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """All terms by part of the vocabulary, or those that hold all of the words."""
    words = plain(q).split()
    modules: dict[str, list[Entry]] = {}
    for title, entry in _entries(visit.snapshot):
        if all(word in plain(f"{entry.label} {entry.definition}") for word in words):
            modules.setdefault(title, []).append(entry)
    return visit.show(
        "vocabulary.html",
        "Vocabulary",
        q=q,
        modules=sorted(modules.items()),
        total=sum(map(len, modules.values())),
    )


def _entries(snapshot: Snapshot) -> list[tuple[str, Entry]]:
    """With the title of the part each stands in, by label."""
    reader = Reader(snapshot.rules.ontology)
    found = [
        (
            reader.text(module, _TITLE).removeprefix("AIMS Graph: ") if isinstance(module, NamedNode) else "",
            Entry(term, reader.label(term), _word(reader, term), reader.text(term, _DEFINITION)),
        )
        for term, module in reader.pairs(_DEFINED_BY)
        if isinstance(term, NamedNode) and term.value.startswith(AIMS)
    ]  # fmt: skip
    return sorted(found, key=lambda row: row[1].label.casefold())


def _word(reader: Reader, term: NamedNode) -> str:
    types = reader.types(term)
    for kind, word in _WORDS.items():
        if kind in types:
            return word
    named = sorted(reader.label(kind) for kind in types if not _is_technical(kind))
    return ", ".join(named) or "Value"


def _is_technical(term: Term) -> bool:
    return not isinstance(term, NamedNode) or term.value.startswith((OWL, SKOS))


@router.get("/vocabulary/{name}")
def term_page(visit: Visiting, name: str) -> Response:
    try:
        term = NamedNode(AIMS + name)
    except ValueError:
        raise ProblemError(404, "not-found", "there is no such term") from None
    reader = Reader(visit.snapshot.rules.ontology)
    types = reader.types(term)
    if not types:
        raise ProblemError(404, "not-found", "there is no such term")
    is_class = _CLASS in types
    things = visit.snapshot.reader.instances(term) if is_class else ()
    is_value = not any(kind in types for kind in _WORDS)
    return visit.show(
        "term.html",
        visit.links.name(term),
        term=term,
        name=name,
        word=_word(reader, term),
        definition=reader.text(term, _DEFINITION),
        example=reader.text(term, _EXAMPLE),
        source=reader.text(term, _SOURCE) or _address(reader, term),
        related=[
            (heading, links)
            for heading, links in (
                ("Is a kind of", _links(visit, reader.objects(term, _BROADER))),
                ("Kinds of it", _links(visit, reader.subjects(_BROADER, term))),
                ("What it may say", _links(visit, reader.subjects(_DOMAIN, term))),
                ("Said of", _links(visit, reader.objects(term, _DOMAIN))),
                ("Leads to", _links(visit, reader.objects(term, _RANGE))),
            )
            if links
        ],
        things=_links(visit, things[:MOST]),
        more=max(0, len(things) - MOST),
        is_class=is_class,
        pointing=pointing(visit.snapshot, visit.links, term) if is_value else [],
        is_value=is_value,
        rules=_rules(visit.snapshot, term),
    )


def _links(visit: Visit, terms: list[Term] | tuple[Term, ...]) -> list[Link]:
    """To what has a name; parts of definitions have none."""
    named = [visit.links.to(term) for term in terms if isinstance(term, NamedNode)]
    return sorted(named, key=lambda link: link.text.casefold())


def _address(reader: Reader, term: NamedNode) -> str:
    source = reader.value(term, _SOURCE)
    return local_name(source) if isinstance(source, NamedNode) else ""


def _rules(snapshot: Snapshot, term: NamedNode) -> list[Rule]:
    """Those that ask for the property."""
    rules = (rule for rule in snapshot.assessment.by_rule if term in rule.asks_for)
    return sorted(rules, key=lambda rule: rule.name)[:MOST]
