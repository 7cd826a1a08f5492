"""A form for a record: what was put in, what is wrong with it, what it would do."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from pyoxigraph import NamedNode, Quad

from aims_api.fields import Field, FieldReader, given_texts
from aims_api.pages.forms import sentence
from aims_api.pages.links import ROOT
from aims_api.pages.rendering import Visit
from aims_api.patches import effect
from aims_api.record_history import NodeChange
from aims_api.records import property_name
from aims_api.things import coded
from aims_graph.columns.lexical import read_value
from aims_graph.errors import InputError
from aims_graph.vocabulary import XSD
from aims_graph.workspace import FindingChange
from aims_graph.workspace.dataset import triple_of

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


async def _texts(request: Request) -> dict[str, str]:
    form = await request.form()
    return {name: text for name, text in form.multi_items() if isinstance(text, str)}


Texts = Annotated[dict[str, str], Depends(_texts)]


@dataclass
class Sheet:
    """A form as it is shown: what stands in it, what is wrong with it, what it would do."""

    main: list[Field]
    more: list[Field]
    errors: dict[str, str]
    reason: str = ""
    effect: FindingChange | None = None
    added: Iterable[Quad] = ()
    removed: Iterable[Quad] = ()
    previewed: str = ""
    changes: Iterable[NodeChange] = ()
    notice: str = ""


def is_ready(visit: Visit, sheet: Sheet, texts: Mapping[str, str]) -> bool:
    """Whether it may be saved: without errors, with a reason, as it was last looked at."""
    if texts.get("act") == "save" and not sheet.reason.strip():
        sheet.errors["reason"] = "Say why: the journal keeps it."
    field_errors = sheet.errors.keys() - {"reason"}
    if not field_errors and (sheet.added or sheet.removed):
        sheet.effect = visit.snapshot.what_if(*effect(visit.snapshot, sheet.added, sheet.removed))
        sheet.previewed = _digest(sheet.added, sheet.removed)
    if sheet.errors or texts.get("act") != "save":
        return False
    if sheet.previewed != texts.get("previewed"):
        sheet.notice = "This has changed since you looked at its effect: look again, then save."
        return False
    return True


def stated_in(
    reader: FieldReader, node: NamedNode, fields: Iterable[Field], texts: Mapping[str, str]
) -> tuple[dict[NamedNode, list[Quad]], dict[str, str]]:
    """The properties whose values the form changes, and what is wrong with what it holds."""
    stated: dict[NamedNode, list[Quad]] = {}
    errors: dict[str, str] = defaultdict(str)
    for field in fields:
        given = given_texts(texts, field)
        if given is None:
            continue
        try:
            values = reader.read(field, given)
        except InputError as error:
            errors[field.name] = sentence(error.message)
            continue
        if set(values) != set(field.values):
            stated[field.predicate] = [Quad(node, field.predicate, value) for value in values]
    return stated, errors


def given_in(fields: Iterable[Field], texts: Mapping[str, str]) -> list[Field]:
    found = []
    for field in fields:
        given = given_texts(texts, field)
        found.append(field if given is None else replace(field, texts=tuple(given)))
    return found


def _digest(added: Iterable[Quad], removed: Iterable[Quad]) -> str:
    lines = sorted([*(f"+{q}" for q in added), *(f"-{q}" for q in removed)])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def sheet_context(visit: Visit, sheet: Sheet) -> dict[str, Any]:
    def sentences(quads: Iterable[Quad]) -> list[tuple[Any, ...]]:
        return [tuple(visit.links.to(term) for term in triple_of(quad)) for quad in quads]

    return {
        "sheet": sheet,
        "is_date": _is_date,
        "new_address": new_address,
        "errors": defaultdict(str, sheet.errors),
        "added": sentences(sheet.added),
        "removed": sentences(sheet.removed),
        "changes": [(c.entry, sentences(c.added), sentences(c.removed)) for c in sheet.changes],
    }


def _is_date(text: str) -> bool:
    """Whether a date field would show it: what it cannot show it would take away."""
    return bool(_DATE.fullmatch(text)) and read_value(XSD + "date", text) is not None


def new_address(cls: NamedNode, holder: NamedNode, by: NamedNode, finding: str) -> str:
    """Of the form for a new thing that a property of the holder is to lead to."""
    asked = {"class": property_name(cls), "for": coded(holder), "by": property_name(by)}
    if finding:
        asked["finding"] = finding
    return f"{ROOT}/new?{urlencode(asked)}"
