"""How far a call has come through its files, in bytes; what is inside a file counts by its share."""

from collections.abc import Callable, Iterable
from pathlib import Path

Tell = Callable[[int, int], None]


class Meter:
    """``tell`` hears how many bytes of how many are done."""

    def __init__(self, paths: Iterable[Path], tell: Tell | None) -> None:
        self._sizes = {path: path.stat().st_size for path in paths if path.is_file()}
        self._total = sum(self._sizes.values())
        self._before = self._here = 0
        self._tell = tell

    def begin(self, *paths: Path) -> None:
        """These come next; those before are done."""
        self._before += self._here
        self._here = sum(self._sizes.get(path, 0) for path in paths)
        self.come_to(0, 1)

    def come_to(self, part: int, parts: int) -> None:
        """So many parts of the present files are done."""
        if self._tell is not None and self._total:
            self._tell(self._before + self._here * part // max(parts, 1), self._total)
