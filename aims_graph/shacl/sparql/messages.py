"""Message templates: ``{?name}`` and ``{$name}`` stand for what the solution binds (SHACL, section 5.3.2)."""

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal

from aims_graph.columns import Term

_PLACE: Final = re.compile(r"\{[?$](\w+)\}")


def has_places(template: Literal) -> bool:
    return _PLACE.search(template.value) is not None


def fill(template: Literal, terms: Mapping[str, Term]) -> Literal:
    """Places without a term stay as they are written."""

    def show(match: re.Match[str]) -> str:
        term = terms.get(match[1])
        if term is None:
            return match[0]
        return str(term) if isinstance(term, BlankNode) else term.value

    text = _PLACE.sub(show, template.value)
    return Literal(text) if template.language is None else Literal(text, language=template.language)
