r"""sh:pattern: the regular expressions of SPARQL REGEX (XPath fn:matches), in bounded time.

A pattern is first tried as an RE2 expression (the one inside Arrow), whose time is linear in the length of the
value. What RE2 has not (back-references, class subtraction, lookahead, Unicode blocks) runs in the backtracking
``regex`` engine under a time limit; when that is used up the pattern is refused with InputError. Patterns in which
nothing repeats take linear time in any engine; few values are matched with Python's own, since Arrow is slow to load.

Differences from the letter of XPath, on purpose: ``\w`` includes ``_`` and leaves out symbols, as in every engine
people test their patterns with; look-around and ``\b`` are allowed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aims_graph.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import regex

SECONDS = 5.0

#: Fewer values are not worth loading Arrow for.
MANY = 2000

# One character or set after another, which mean the same in every engine.
_PLAIN = re.compile(r"\^?(?:[A-Za-z0-9 _:/#@-]|\\[Ss])*\$?")

_WORD = r"\p{L}\p{M}\p{N}\p{Pc}"
_NOT_WORD = r"\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{S}\p{Z}\p{C}"
_NAME_START = r"\p{L}_:"
_NAME = r"\p{L}\p{M}\p{N}_:.\-·"
# Escapes that stand for a set of characters: what goes inside [...], and the same negated.
_SETS = {"d": r"\p{Nd}", "w": _WORD, "s": r" \t\n\r", "i": _NAME_START, "c": _NAME}
_NEGATED_IN_SET = {"D": r"\P{Nd}", "W": _NOT_WORD, "S": r"\S"}


@dataclass(frozen=True)
class Pattern:
    """text, flags: as written; raises ValueError through ``compile_pattern`` when no engine can read them."""

    text: str
    flags: str

    def matches_few(self, strings: Sequence[str]) -> NDArray[np.bool_]:
        """As ``matches``, for strings that are not worth loading Arrow for if that can be helped."""
        if self._plain is None:
            return self.matches(arrow_strings(strings))
        return np.array([self._plain.search(string) is not None for string in strings], np.bool_)

    @cached_property
    def _plain(self) -> re.Pattern[str] | None:
        if self.flags or not _PLAIN.fullmatch(self.text):
            return None
        return re.compile(_translate(self.text, "", end=r"\Z"))

    def check(self) -> None:
        """Raises ValueError when no engine can read the pattern."""
        if self._plain is None and self._linear is None:
            compile_backtracking(self.text, self.flags)

    def matches(self, strings: "pa.LargeStringArray") -> NDArray[np.bool_]:
        """Whether the pattern occurs in each string. Raises InputError when time runs out."""
        import pyarrow.compute as pc  # noqa: PLC0415 slow to load, and few shapes graphs need it

        if self._linear is None:
            return self._matches_bounded(strings.to_pylist())
        found = pc.match_substring_regex(strings, self._linear)
        return unpack_mask(found)

    @cached_property
    def _linear(self) -> str | None:
        """The RE2 expression, or None when RE2 cannot read it."""
        import pyarrow as pa  # noqa: PLC0415 - slow to load
        import pyarrow.compute as pc  # noqa: PLC0415 - slow to load

        inline = "".join(flag for flag in self.flags if flag in "ism")
        expression = (f"(?{inline})" if inline else "") + _translate(self.text, self.flags, end="$")
        try:
            # Nulls, since pyarrow.array would import pandas where it is installed.
            pc.match_substring_regex(pa.nulls(1, pa.string()), expression)
        except pa.ArrowInvalid:
            return None
        return expression

    def _matches_bounded(self, strings: Sequence[str]) -> NDArray[np.bool_]:
        search = compile_backtracking(self.text, self.flags).search
        deadline = monotonic() + SECONDS
        found = np.zeros(len(strings), np.bool_)
        for index, string in enumerate(strings):
            try:
                found[index] = search(string, timeout=max(deadline - monotonic(), 1e-3)) is not None
            except TimeoutError:
                raise InputError(
                    f"pattern {self.text!r} needs more than {SECONDS:g} s on the values",
                    hint="Write it without back-references, look-around and nested repetition",
                ) from None
        return found


def compile_pattern(text: str, flags: str) -> Pattern:
    """Raises ValueError when the pattern or a flag is not valid."""
    unknown = set(flags) - set("smixq")
    if unknown:
        raise ValueError(f"unknown flag {''.join(sorted(unknown))!r}; s, m, i, x and q exist")
    pattern = Pattern(text, flags)
    pattern.check()
    return pattern


def compile_backtracking(text: str, flags: str) -> "regex.Pattern[str]":
    import regex  # noqa: PLC0415 slow to load, rarely needed

    inline = sum((getattr(regex, flag.upper()) for flag in flags if flag in "ism"), regex.V0)
    try:
        return regex.compile(_translate(text, flags, end="$" if "m" in flags else r"\Z"), inline)
    except regex.error as error:
        raise ValueError(f"not a valid regular expression ({error})") from None


def _translate(text: str, flags: str, *, end: str) -> str:
    """From XPath syntax to what RE2 and regex share; ``end`` is how the engine writes ``$``."""
    if "q" in flags:
        return "".join(
            "\\" + char if not char.isalnum() and char.isascii() else char for char in text
        )
    return "".join(_tokens(text, end, spaced="x" in flags))


def _tokens(text: str, end: str, *, spaced: bool) -> Iterator[str]:
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            escape, position = _escape(text, position)
            yield _outside_set(escape)
        elif char == "[":
            token, position = _set(text, position)
            yield token
        else:
            position += 1
            if not (spaced and char in " \t\n\r"):
                yield end if char == "$" else char


def _escape(text: str, position: int) -> tuple[str, int]:
    r"""The escape that starts at ``position``, ``\p{...}`` as one, and where it ends."""
    if text[position + 1 : position + 3] in ("p{", "P{"):
        close = text.find("}", position)
        if close > 0:
            escape = text[position : close + 1]
            # Blocks: IsGreek in XPath, InGreek in the regex engine.
            return escape.replace("{Is", "{In"), close + 1
    return text[position : position + 2], position + 2


def _outside_set(escape: str) -> str:
    letter = escape[1:]
    if letter in _SETS:
        return f"[{_SETS[letter]}]"
    if letter.lower() in _SETS:
        return f"[^{_SETS[letter.lower()]}]"
    return escape


def _set(text: str, start: int) -> tuple[str, int]:
    """The character class that starts at ``start``, and where it ends; a-z-[aeiou] becomes a look-ahead."""
    position = start + 1
    parts = []
    if text[position : position + 1] == "^":
        parts.append("^")
        position += 1
    first = position
    while position < len(text) and (text[position] != "]" or position == first):
        if text[position] == "\\":
            escape, position = _escape(text, position)
            letter = escape[1:]
            parts.append(_SETS.get(letter) or _NEGATED_IN_SET.get(letter) or escape)
        elif text.startswith("-[", position):
            subtracted, position = _set(text, position + 1)
            return f"(?:(?!{subtracted})[{''.join(parts)}])", position + 1
        else:
            parts.append("\\[" if text[position] == "[" else text[position])
            position += 1
    # Without its bracket an unfinished class stays unfinished, and is refused.
    return f"[{''.join(parts)}{text[position : position + 1]}", position + 1


def arrow_strings(strings: Sequence[str]) -> "pa.LargeStringArray":
    """From buffers: ``pyarrow.array`` imports pandas, which takes longer than most checks."""
    import pyarrow as pa  # noqa: PLC0415 slow to load, and few shapes graphs need it

    encoded = [string.encode() for string in strings]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return pa.LargeStringArray.from_buffers(
        len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))
    )


def unpack_mask(found: "pa.BooleanArray") -> NDArray[np.bool_]:
    """Of an array without nulls; ``to_numpy`` would import pandas where it is installed."""
    bits = found.buffers()[1]
    if len(found) == 0 or bits is None:
        return np.zeros(len(found), np.bool_)
    end = found.offset + len(found)
    unpacked = np.unpackbits(np.frombuffer(bits, np.uint8), count=end, bitorder="little")
    return unpacked[found.offset :].astype(np.bool_)
