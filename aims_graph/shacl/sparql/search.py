"""Searching many texts at once: by Arrow where they are many, one by one where they are few."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from aims_graph.columns import Term
from aims_graph.shacl.patterns import MANY, arrow_strings, unpack_mask

from .literals import TypeMismatch
from .regexes import compile_regex
from .space import TermSpace
from .tables import Ids, Mask

if TYPE_CHECKING:
    import pyarrow as pa

#: Where the texts of the terms hold what is searched for. Ids are bound, of IRIs and literals.
Search = Callable[[TermSpace, Ids], Mask]

_ONE_BY_ONE: Final[dict[str, Callable[[str, str], bool]]] = {
    "CONTAINS": lambda text, part: part in text,
    "STRSTARTS": str.startswith,
    "STRENDS": str.endswith,
}
_AT_ONCE: Final = {
    "CONTAINS": "match_substring",
    "STRSTARTS": "starts_with",
    "STRENDS": "ends_with",
}


def string_search(name: str, part: str) -> Search:
    def search(space: TermSpace, ids: Ids) -> Mask:
        if len(ids) < MANY:
            test = _ONE_BY_ONE[name]
            return np.array([test(text, part) for text in texts(space, ids)], np.bool_)
        import pyarrow.compute as pc  # noqa: PLC0415 slow to load

        return unpack_mask(getattr(pc, _AT_ONCE[name])(text_array(space, ids), part))

    return search


def regex_search(pattern: Term, flags: Term) -> Search | None:
    """None when an argument is no plain string: an error for every text."""
    try:
        compiled = compile_regex(pattern, flags)
    except TypeMismatch:
        return None

    def search(space: TermSpace, ids: Ids) -> Mask:
        if len(ids) < MANY:
            return compiled.matches_few(texts(space, ids))
        return compiled.matches(text_array(space, ids))

    return search


def texts(space: TermSpace, ids: Ids) -> list[str]:
    terms = (space.term(each) for each in ids.tolist())
    return [term.value for term in terms if term is not None]


def text_array(space: TermSpace, ids: Ids) -> "pa.LargeStringArray":
    if space.has_computed(ids):
        return arrow_strings(texts(space, ids))
    import pyarrow as pa  # noqa: PLC0415 slow to load

    buffer, offsets = space.terms.text
    every = pa.LargeStringArray.from_buffers(
        len(space.terms), pa.py_buffer(offsets), pa.py_buffer(buffer)
    )
    buffers = [None, pa.py_buffer(np.ascontiguousarray(ids, np.int32))]
    return every.take(pa.Array.from_buffers(pa.int32(), len(ids), buffers))
