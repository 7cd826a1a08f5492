"""The bar of long work: drawn with a total on a terminal, and nothing at all elsewhere."""

import io
import re

from rich.console import Console

from aims_graph.cli.progress import BYTES, progress


def _drawn(unit: str, *told: tuple[int, int], terminal: bool = True) -> str:
    screen = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with progress("Evaluating rules", unit, console=screen) as tell:
        for done, total in told:
            tell(done, total)
    assert isinstance(screen.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.file.getvalue())


def test_a_bar_with_its_total_is_drawn_on_a_terminal() -> None:
    text = _drawn("rules", (150, 563), (563, 563))
    assert "Evaluating rules" in text
    assert "━" in text
    assert "563/563 rules" in text


def test_bytes_are_shown_as_people_read_them() -> None:
    assert "1.5/3.0 MB" in _drawn(BYTES, (1_500_000, 3_000_000))


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    assert _drawn("rules", (150, 563), terminal=False) == ""
