"""The data as the journal tells them: what was written since the last look is replayed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aims_graph.errors import InputError
from aims_graph.journal import Entry, Journal, LockedError
from aims_graph.workspace.cache import drop_views, read_dataset, write_dataset
from aims_graph.workspace.dataset import MANY, Dataset


class Replay:
    def __init__(
        self, path: Path, journal: Journal, until: int | None, opened: Callable[[], None]
    ) -> None:
        """``until``: the last entry to replay; then nothing can be written. ``opened`` is called when
        the data do not follow on those given before.
        """
        self._path = path
        self._journal = journal
        self._until = until
        self._opened = opened
        self._dataset: Dataset | None = None
        self._replayed = 0

    def catch_up(self) -> Dataset:
        if self._dataset is None or self._journal.was_rewritten:
            self._dataset = self._open()
            self._opened()
        for entry in self._journal.advance(until=self._until):
            payload = entry.load()
            self._dataset.apply(payload.added, payload.removed)
            self.count(entry)
        return self._dataset

    def _open(self) -> Dataset:
        self._journal.rewind()
        self._replayed = 0
        cached = read_dataset(self._path)
        if cached is not None:
            dataset, position = cached
            known = self._until is None or position.sequence <= self._until
            if known and self._journal.resume(position):
                return dataset
        return Dataset()

    def count(self, entry: Entry) -> None:
        """The data have the entry, which the views on disk have not."""
        self._replayed += entry.added_count + entry.removed_count

    def settled(self) -> Dataset:
        """Up to date; what a crash left is put aside, and a cache is written when it saves much."""
        dataset = self.catch_up()
        if self._until is not None:
            return dataset
        if self._journal.tail is not None:
            dataset = self._mend()
        if self._replayed > max(MANY, len(dataset) // 10):
            self._write(dataset)
        return dataset

    def _mend(self) -> Dataset:
        try:
            with self.writing(0.0) as dataset:
                return dataset
        except (LockedError, PermissionError):  # somebody is about to finish that entry
            return self.catch_up()

    @contextmanager
    def writing(self, wait: float) -> Iterator[Dataset]:
        """The data while no other process can change them."""
        if self._until is not None:
            raise InputError("the past cannot be changed", hint="Leave --at out to write")
        with self._journal.writing(wait):
            dataset = self.catch_up()
            self._journal.recover()
            yield dataset

    def write_views(self) -> None:
        """Keeps the columns on disk for the next process."""
        self._write(self.catch_up())

    def _write(self, dataset: Dataset) -> None:
        write_dataset(self._path, dataset, self._journal.position)
        self._replayed = 0

    def drop_views(self) -> None:
        """The data are read from the journal again."""
        drop_views(self._path)
        self._dataset = None
