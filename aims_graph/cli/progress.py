"""A bar for long work, on a terminal only: what goes on, how much of it is done, how long it has taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from aims_graph.cli import output

#: Told how much of how much is done; the work calls it as often as it likes.
Tell = Callable[[int, int], None]

BYTES = "bytes"


@contextmanager
def progress(what: str, unit: str = "", *, console: Console | None = None) -> Iterator[Tell]:
    """Draws to standard error until the work is over, then takes the bar away.

    Yields ``tell(done, total)``. Before it is first called the bar shows only that something goes on.
    ``unit`` is what is counted; BYTES are shown as kB and MB. Where there is no terminal nothing is drawn.
    """
    screen = output.messages if console is None else console
    if not screen.is_terminal:
        yield _say_nothing
        return
    # Slow to import, and most calls are over before a bar would be seen.
    from rich import progress as bars

    class Counts(bars.DownloadColumn):
        """Nothing until the total is known."""

        def render(self, task: bars.Task) -> Text:
            if task.total is None:
                return Text("")
            if unit == BYTES:
                return super().render(task)
            return Text(f"{task.completed:.0f}/{task.total:.0f} {unit}")

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        Counts(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=screen, transient=True) as drawn:
        task = drawn.add_task(what, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)


def _say_nothing(done: int, total: int) -> None:
    """Where nobody looks."""
