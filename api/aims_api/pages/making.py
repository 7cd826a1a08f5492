"""New records: what kind it is, then a form for it; made for another record, it is linked to it."""

from collections.abc import Iterable
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode, Quad

from aims_api.access import Writing
from aims_api.callers import RECORDS_GRAPH
from aims_api.fields import FieldReader
from aims_api.pages.editing import editable, saved
from aims_api.pages.forms import as_problems, sentence
from aims_api.pages.kinds import title_of
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.sheets import Sheet, Texts, given_in, is_ready, sheet_context, stated_in
from aims_api.problems import ProblemError
from aims_api.record_changes import current, home_of
from aims_api.records import TYPE, new_iri, property_name, quads_of
from aims_api.things import KINDS, node_of
from aims_api.writing import change
from aims_graph.columns.reader import Reader
from aims_graph.ingest.ontology_terms import read_ontology_terms
from aims_graph.vocabulary import AIMS, RDFS
from aims_graph.workspace.dataset import Dataset

router = page_router()
Name = Annotated[str, Query(max_length=2000)]
_GRAPH: Final = NamedNode(RECORDS_GRAPH)
_LABEL: Final = NamedNode(RDFS + "label")
_CONTEXT: Final = ("class", "for", "by", "finding")


@router.get("/new")
def new_page(request: Request, visit: Visiting, _: Writing, kind: Name = "") -> Response:
    """``class``: what it is; ``for`` and ``by``: what is to point to it, and by which property."""
    asked = request.query_params
    if "class" not in asked:
        return _choose(visit, kind)
    cls = _class(asked["class"])
    main, more = FieldReader(visit.snapshot, [cls]).fields(())
    sheet = Sheet(given_in(main, asked), given_in(more, asked), {})
    return _show(visit, cls, sheet, dict(asked))


def _choose(visit: Visit, kind: str) -> Response:
    if not kind:
        rows = sorted((title_of(name), name) for name in KINDS)
        return visit.show("new.html", "New record", rows=rows, by="kind")
    if kind not in KINDS:
        raise ProblemError(404, "not-found", f"{kind[:40]!r} is no kind of record")
    ontology = Reader(visit.snapshot.rules.ontology)
    classes = ontology.subclasses(*(NamedNode(AIMS + name) for name in KINDS[kind]))
    named = [cls for cls in classes if isinstance(cls, NamedNode)]
    if len(named) == 1:
        return RedirectResponse(f"{ROOT}/new?{urlencode({'class': property_name(named[0])})}", 303)
    rows = sorted((visit.links.name(cls), property_name(cls)) for cls in named)
    return visit.show("new.html", f"New: {title_of(kind)}", rows=rows, by="class")


@router.post("/new")
def make(visit: Visiting, caller: Writing, texts: Texts) -> Response:
    cls = _class(texts.get("class", ""))
    node = node_of(texts.get("iri", "")) or new_iri(_first_label(texts))
    reader = FieldReader(visit.snapshot, [cls])
    main, more = reader.fields(())
    stated, errors = stated_in(reader, node, [*main, *more], texts)
    if _LABEL not in stated:
        errors["label"] = errors["label"] or "Give it a name."
    sheet = Sheet(given_in(main, texts), given_in(more, texts), errors, texts.get("reason", ""))
    said = [Quad(node, TYPE, cls, _GRAPH)]
    said += [Quad(q.subject, q.predicate, q.object, _GRAPH) for qs in stated.values() for q in qs]
    link = _link(visit, node, texts)
    if link is not None:
        home = home_of(quads_of(visit.snapshot.graphs, link.subject), caller)  # type: ignore[arg-type]
        said.append(Quad(link.subject, link.predicate, link.object, home))
    sheet.added = said
    if not is_ready(visit, sheet, texts):
        return _show(visit, cls, sheet, texts, node)

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        if current(dataset, node, caller):
            raise ProblemError(409, "conflict", "there is a thing of this IRI already")
        return said, ()

    try:
        with as_problems():
            entry = change(visit.core, caller, work, reason=sheet.reason.strip(), source="records")
    except ProblemError as error:
        return _refused(visit, cls, sheet, texts, node, error)
    return saved(visit, node, 0 if entry is None else entry.sequence, texts.get("finding", ""))


def _refused(
    visit: Visit, cls: NamedNode, sheet: Sheet, texts: Texts, node: NamedNode, error: ProblemError
) -> Response:
    sheet.errors["form"] = sentence(error.detail)
    return _show(visit, cls, sheet, texts, node, error.status)


def _show(
    visit: Visit, cls: NamedNode, sheet: Sheet, texts: dict[str, str],
    node: NamedNode | None = None, status: int = 422,
) -> Response:  # fmt: skip
    link = _link(visit, node or NamedNode("urn:aims:new"), texts)
    return visit.show(
        "edit.html", f"New: {visit.links.name(cls)}",
        status if any(sheet.errors.values()) else 200,
        **sheet_context(visit, sheet),
        action=f"{ROOT}/new",
        target=None,
        hidden={name: texts[name] for name in _CONTEXT if name in texts}
        | ({} if node is None else {"iri": node.value}),
        focus="label",
        finding=visit.snapshot.by_fingerprint.get(texts.get("finding", "")),
        address="",
        link=None if link is None else (visit.links.to(link.subject), visit.links.to(link.predicate)),  # type: ignore[arg-type]
    )  # fmt: skip


def _link(visit: Visit, node: NamedNode, texts: dict[str, str]) -> Quad | None:
    """What points to the new thing. Raises ProblemError 422."""
    holder, by = texts.get("for", ""), texts.get("by", "")
    if not holder:
        return None
    predicate = node_of(by if ":" in by else f"aims:{by}")
    term = None if predicate is None else read_ontology_terms().properties.get(predicate.value)
    if predicate is None or term is None or term.kind != "object":
        raise ProblemError(
            422, "validation-failed", f"{by[:100]!r} is no property that links things"
        )
    return Quad(editable(visit, holder), predicate, node)


def _class(name: str) -> NamedNode:
    node = node_of(name if ":" in name else f"aims:{name}")
    if node is None or node.value not in read_ontology_terms().classes:
        raise ProblemError(404, "not-found", f"there is no class {name[:100]!r}")
    return node


def _first_label(texts: dict[str, str]) -> str:
    return texts.get("v.label.0", "")
