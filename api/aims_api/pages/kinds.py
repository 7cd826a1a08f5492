"""Records by kind, and the search over all that has a name."""

from collections import Counter
from typing import Annotated, Final

from fastapi import Query, Response
from pyoxigraph import Literal, NamedNode

from aims_api.evaluation import Snapshot
from aims_api.pages.rendering import Visiting, page_router
from aims_api.pages.statements import classes
from aims_api.problems import ProblemError
from aims_api.routes.queries import CATALOGUE
from aims_api.searching import plain, search
from aims_api.things import KINDS, members
from aims_graph.columns.reader import Reader, Term
from aims_graph.vocabulary import AIMS, DCT, RDFS

router = page_router()
_MOST: Final = 100
_TEXTS: Final = tuple(
    NamedNode(iri)
    for iri in (RDFS + "label", DCT + "title", DCT + "identifier", DCT + "description")
)
#: Where the name in addresses says too little.
_TITLES: Final = {
    "systems": "AI systems",
    "models": "AI models",
    "treatments": "Risk treatments",
    "implementations": "Implementations of controls",
    "entries": "Entries of the statement of applicability",
    "assessments": "Risk and impact assessments",
    "audits": "Internal audits",
    "objectives": "AI objectives",
}
_OWNER: Final = NamedNode(AIMS + "owner")
Words = Annotated[str, Query(max_length=200)]
Offset = Annotated[int, Query(ge=0, le=2**31)]


def title_of(kind: str) -> str:
    return _TITLES.get(kind) or kind.replace("-", " ").capitalize()


@router.get("/records")
def kinds_page(visit: Visiting) -> Response:
    rows = [(kind, title_of(kind), len(members(visit.snapshot, kind))) for kind in KINDS]
    return visit.show("kinds.html", "Records", kinds=rows)


@router.get("/records/{kind}")
def records_page(visit: Visiting, kind: str, q: Words = "", offset: Offset = 0) -> Response:
    if kind not in KINDS:
        raise ProblemError(404, "not-found", f"{kind[:40]!r} is no kind of record")
    found = search(visit.snapshot, kind, q)
    counts = Counter(finding.focus for finding in visit.snapshot.findings)
    return visit.show(
        "records.html",
        title_of(kind),
        kind=kind,
        q=q,
        total=len(found),
        offset=offset,
        size=_MOST,
        nodes=[
            (
                node,
                classes(visit.snapshot.reader, node),
                visit.snapshot.reader.objects(node, _OWNER),
                counts[node],
            )
            for node in found[offset : offset + _MOST]
        ],
    )


@router.get("/search")
def search_page(visit: Visiting, q: Words = "") -> Response:
    """Requirements, rules and things by all of the words."""
    words = plain(q).split()
    assessment = visit.snapshot.assessment

    def fits(text: str) -> bool:
        return bool(words) and all(word in plain(text) for word in words)

    things = find_by_words(visit.snapshot, words)
    rules = [rule for rule in assessment.by_rule if fits(f"{rule.name} {rule.says}")]
    return visit.show(
        "search.html",
        "Search",
        q=q,
        requirements=[
            (requirement, result)
            for requirement, result in assessment.by_requirement.items()
            if fits(f"{requirement.number} {requirement.title}")
        ],
        things=[(node, classes(visit.snapshot.reader, node)) for node in things[:_MOST]],
        total=len(things),
        rules=rules[:_MOST],
        questions=[
            query for query in CATALOGUE.values() if fits(f"{query.title} {query.description}")
        ],
    )


def find_by_words(snapshot: Snapshot, words: list[str]) -> list[Term]:
    """By label; nothing when there are no words."""
    texts: list[tuple[Term, str]] | None = snapshot.cache.get("page texts")
    if texts is None:
        parts: dict[Term, list[str]] = {}
        reader = Reader(snapshot.data)
        for predicate in _TEXTS:
            for node, text in reader.pairs(predicate):
                if isinstance(text, Literal):
                    parts.setdefault(node, []).append(text.value)
        texts = [(node, plain(" ".join(found))) for node, found in parts.items()]
        snapshot.cache["page texts"] = texts
    found = [node for node, text in texts if words and all(word in text for word in words)]
    return sorted(found, key=lambda node: snapshot.reader.label(node).casefold())
