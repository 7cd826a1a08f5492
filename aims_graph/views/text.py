"""How wide text is in DejaVu Sans, the widest of the fonts a picture may be shown in."""

import html
import re
import textwrap
import unicodedata

from aims_graph.characters import reveal

#: Advance widths in thousandths of the font size, rounded up.
_GROUPS = {
    300: "'IJijl", 330: " ,.", 360: "/:;\\f|", 390: "-", 420: "!()[]rt", 480: '"', 510: "*_`", 540: "?sz",
    570: "Lc", 600: "Fkvxy", 630: "PTYaeo", 660: "$0123456789EKSbdghnpqu{}", 690: "ABVXZ", 720: "CR",
    750: "NU", 780: "&DGH", 810: "OQ", 840: "#+<=>^w~", 870: "M", 960: "%", 990: "Wm", 1020: "@",
}  # fmt: skip
_WIDTHS = {character: units for units, group in _GROUPS.items() for character in group}
_ACCENT, _OTHER = 110, 1100


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Characters that mislead a reader shown as their escapes, others that XML does not have (section 2.2)
    as U+FFFD.
    """
    return _NOT_IN_XML.sub("\ufffd", reveal(text))


def escape(text: str) -> str:
    """For HTML: marks as entities, characters that mislead a reader as their escapes."""
    return html.escape(reveal(text))


def width(text: str, size: float) -> float:
    """Upper estimate, in the unit of ``size``."""
    total = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        known = _WIDTHS.get(character)
        if known is None:
            base = _WIDTHS.get(unicodedata.normalize("NFD", character)[0], _OTHER - _ACCENT)
            known = base + _ACCENT
        total += known
    return total * size / 1000


def wrap(text: str, room: float, size: float, lines: int) -> list[str]:
    """At most ``lines`` lines no wider than ``room``; what does not fit ends in an ellipsis."""
    wrapped: list[str] = []
    for word in " ".join(text.split()).split(" "):
        for part in _parts(word, room, size):
            joined = f"{wrapped[-1]} {part}" if wrapped else part
            if wrapped and width(joined, size) <= room:
                wrapped[-1] = joined
            else:
                wrapped.append(part)
    if len(wrapped) <= lines:
        return wrapped
    last = wrapped[lines - 1]
    while last and width(last + " …", size) > room:
        last = last[:-1].rstrip()
    return [*wrapped[: lines - 1], f"{last} …"]


def _parts(word: str, room: float, size: float) -> list[str]:
    """A word cut where it is wider than the room."""
    if width(word, size) <= room:
        return [word]
    cut = max(1, int(len(word) * room / width(word, size)) - 1)
    while cut > 1 and width(word[:cut], size) > room:
        cut -= 1
    return textwrap.wrap(word, cut, break_on_hyphens=False)
