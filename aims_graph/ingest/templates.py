"""Templates such as ``system/{agency|slug}-{id|slug}``: text with the cells of a row in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aims_graph.ingest.iris import encode, slugify

FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "slug": slugify,
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "encode": encode,
}
#: Not columns: the row, its line, a digest of its cells, the IRI of the node around, the value.
SPECIAL: Final = ("@row", "@line", "@digest", "@subject", "@value")

_PART: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    filters: tuple[Callable[[str], str], ...]


@dataclass(frozen=True, slots=True)
class Template:
    parts: tuple[str | Slot, ...]

    @property
    def columns(self) -> set[str]:
        return {
            part.name for part in self.parts if isinstance(part, Slot) and part.name[:1] != "@"
        } | ({"@key"} & {part.name for part in self.parts if isinstance(part, Slot)})

    def render(self, lookup: Callable[[str], str]) -> str | None:
        """None when a slot is blank."""
        out = []
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
                continue
            text = lookup(part.name)
            for change in part.filters:
                text = change(text)
            if not text:
                return None
            out.append(text)
        return "".join(out)


def compile_template(text: str, *, iri: bool) -> Template:
    """In an IRI a slot without ``slug`` is percent-encoded, but for ``@subject``.

    Raises ValueError that says what is wrong.
    """
    parts: list[str | Slot] = []
    end = 0
    for match in _PART.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[1] is None:
            raise ValueError(
                f"unbalanced {match[0]!r} in the template (double it to mean the character)"
            )
        else:
            parts.append(_slot(match[1], iri))
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def _slot(text: str, iri: bool) -> Slot:
    name, *filters = (piece.strip() for piece in text.split("|"))
    if not name:
        raise ValueError("an empty {} in the template")
    unknown = [f for f in filters if f not in FILTERS]
    if unknown:
        raise ValueError(f"no filter {unknown[0]!r} (known: {', '.join(FILTERS)})")
    chain = [FILTERS[f] for f in filters]
    if name == "@subject":
        if chain:
            raise ValueError("{@subject} takes no filter")
    elif iri and not {"slug", "encode"} & set(filters):
        chain = [str.strip, *chain, encode]
    return Slot(name, tuple(chain))
