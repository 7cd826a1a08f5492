"""Forms for records: changed or made, with a look at the effect before anything is saved."""

import copy
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Response
from fastapi.responses import RedirectResponse
from pyoxigraph import NamedNode, Quad

from aims_api.access import Writing
from aims_api.fields import FieldReader
from aims_api.pages.forms import as_problems, sentence
from aims_api.pages.links import ROOT, Links
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.pages.sheets import Sheet, Texts, given_in, is_ready, sheet_context, stated_in
from aims_api.problems import ProblemError
from aims_api.record_changes import difference, restated, set_statements
from aims_api.record_history import NodeChange, before, changes_since
from aims_api.records import etag_of, quads_of
from aims_api.things import coded, node_named
from aims_api.writing import RESERVED
from aims_graph.vocabulary import RDFS

router = page_router()
Name = Annotated[str, Query(max_length=2000)]
_LABEL: Final = NamedNode(RDFS + "label")


@router.get("/edit/{name:path}")
def edit_page(
    visit: Visiting, _: Writing, name: str, field: Name = "", finding: Name = ""
) -> Response:
    """``field``: the property that a finding asks for; the form opens with it."""
    node = editable(visit, name)
    main, more = _reader(visit, node).fields(quads_of(visit.snapshot.graphs, node), field)
    return _show(visit, node, Sheet(main, more, {}), field=field, finding=finding)


@router.post("/edit/{name:path}")
def edit(visit: Visiting, caller: Writing, name: str, texts: Texts) -> Response:
    node = editable(visit, name)
    now = quads_of(visit.snapshot.graphs, node)
    changes: list[NodeChange] = []
    if etag_of(now) != texts.get("version", ""):
        since = texts.get("entry", "")
        changes = changes_since(visit.core, caller, node, int(since) if since.isdigit() else 0)
    reader = _reader(visit, node)
    main, more = reader.fields(before(now, changes), texts.get("field", ""))
    stated, errors = stated_in(reader, node, [*main, *more], texts)
    if changes:
        return _show_conflict(visit, node, texts, stated, changes)
    sheet = Sheet(given_in(main, texts), given_in(more, texts), errors, texts.get("reason", ""))
    new = restated(now, stated, caller)
    sheet.added, sheet.removed = difference(now, new, caller)
    if not stated and not errors:
        sheet.notice = "Nothing was changed yet."
    if not is_ready(visit, sheet, texts) or not stated:
        return _show(
            visit, node, sheet, field=texts.get("field", ""), finding=texts.get("finding", "")
        )
    try:
        with as_problems():
            _, entry = set_statements(
                visit.core, caller, node, stated, sheet.reason.strip(), texts.get("version")
            )
    except ProblemError as error:
        if error.status != 412:
            return _refused(visit, node, sheet, error)
        snapshot = visit.core.snapshots.after(caller, visit.core.workspace.sequence)
        fresh = copy.copy(visit)
        fresh.snapshot, fresh.links = snapshot, Links(snapshot)
        return edit(fresh, caller, name, texts)
    return saved(visit, node, 0 if entry is None else entry.sequence, texts.get("finding", ""))


def _refused(visit: Visit, node: NamedNode, sheet: Sheet, error: ProblemError) -> Response:
    sheet.errors["form"] = sentence(error.detail)
    return _show(visit, node, sheet, field="", finding="", status=error.status)


def _show_conflict(
    visit: Visit,
    node: NamedNode,
    texts: Mapping[str, str],
    stated: Mapping[NamedNode, list[Quad]],
    changes: list[NodeChange],
) -> Response:
    """What others have changed stands in the form, except where the visitor wrote something else."""
    now = quads_of(visit.snapshot.graphs, node)
    main, more = _reader(visit, node).fields(now, texts.get("field", ""))
    theirs = {q.predicate for c in changes for q in (*c.added, *c.removed)}
    errors: dict[str, str] = defaultdict(str)
    for field in (*main, *more):
        if field.predicate in stated and field.predicate in theirs:
            stands = ", ".join(visit.links.to(value).text for value in field.values) or "nothing"
            errors[field.name] = f"Somebody else changed this too. It now says: {stands}."
    main, more = (
        [given_in([f], texts)[0] if f.predicate in stated else f for f in fields]
        for fields in (main, more)
    )
    sheet = Sheet(main, more, errors, texts.get("reason", ""), changes=changes)
    return _show(
        visit,
        node,
        sheet,
        field=texts.get("field", ""),
        finding=texts.get("finding", ""),
        status=409,
    )


def _show(
    visit: Visit, node: NamedNode, sheet: Sheet, *, field: str, finding: str, status: int = 422
) -> Response:
    quads = quads_of(visit.snapshot.graphs, node)
    wrong = any(text for text in sheet.errors.values())
    return visit.show(
        "edit.html",
        f"Edit: {visit.links.name(node)}",
        status if wrong else 200,
        **sheet_context(visit, sheet),
        action=f"{ROOT}/edit/{coded(node)}",
        target=node,
        hidden={
            "version": etag_of(quads), "entry": str(visit.snapshot.sequence), "finding": finding, "field": field,
        },
        focus=field,
        finding=visit.snapshot.by_fingerprint.get(finding),
        address=visit.links.href(node),
        link=None,
    )  # fmt: skip


def editable(visit: Visit, name: str) -> NamedNode:
    """Raises ProblemError 404, 403."""
    node = node_named(name)
    if node is None or not quads_of(visit.snapshot.graphs, node):
        raise ProblemError(404, "not-found", "nothing that you may read is said of this")
    if node.value.startswith(RESERVED):
        raise ProblemError(403, "policy-denied", "this is a term of the vocabulary or a result")
    return node


def _reader(visit: Visit, node: NamedNode) -> FieldReader:
    types = visit.snapshot.reader.types(node)
    return FieldReader(visit.snapshot, [cls for cls in types if isinstance(cls, NamedNode)])


def saved(visit: Visit, node: NamedNode, entry: int, finding: str) -> Response:
    """To the thing; with what was to be mended, to see how it stands now."""
    found = visit.snapshot.by_fingerprint.get(finding)
    numbers = [] if found is None else [r.number for r in visit.links.served(found)]
    query = urlencode([("saved", entry), *(("requirement", number) for number in numbers)])
    return RedirectResponse(f"{ROOT}/things/{coded(node)}?{query}", 303)
