"""How a state looks: word, mark, fill, border and line, so that none of them is needed alone."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Look:
    """``dash`` is an SVG stroke-dasharray, "" for a full line."""

    mark: str
    word: str
    fill: str
    border: str
    dash: str
    css: str

    @property
    def text(self) -> str:
        return f"{self.mark} {self.word}".strip()


NO_STATE: Final = Look("", "", "#f4f6f8", "#5a6572", "", "none")
_LOOKS: Final = {
    "met": Look("✔", "met", "#e7f5ea", "#1b6e2e", "", "met"),
    "not met": Look("✘", "not met", "#fde8e6", "#a11a0c", "", "not-met"),
    "unknown": Look("?", "unknown", "#fdf6dc", "#7a5c00", "5 3", "unknown"),
    "excluded": Look("-", "not applicable", "#e9ecf0", "#5a6572", "", "excluded"),
}


def look(state: str) -> Look:
    return _LOOKS.get(state, NO_STATE)
