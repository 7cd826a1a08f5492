"""Answers as they were written, kept with the evaluation that they follow from."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aims_api.lasting import Lasts

#: Bytes of one answer, and of all answers of an evaluation.
LARGEST: Final = 256 * 1024
_MOST: Final = 32 << 20
_HEAD: Final = 1024
#: In every answer that follows from an evaluation: the entry of the journal up to which it holds.
ENTRY_HEADER: Final = "Aims-Entry"
_ENTRY: Final = ENTRY_HEADER.lower().encode()

#: Path, query and Accept header of a request.
Question = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Answer:
    route: Any
    headers: list[tuple[bytes, bytes]]
    body: bytes
    #: Whether it is the answer after a change too; None: never.
    lasts: "Lasts | None" = None

    def headers_at(self, entry: int) -> list[tuple[bytes, bytes]]:
        """Those of the answer when it is given out from an evaluation of that entry."""
        value = str(entry).encode()
        return [(key, value if key.lower() == _ENTRY else old) for key, old in self.headers]


class Answers:
    """Of one evaluation, the oldest dropped when they get too many. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Question, Answer] = {}
        self._size = 0

    def get(self, question: Question) -> Answer | None:
        return self._found.get(question)

    def keep(self, question: Question, answer: Answer) -> None:
        size = len(answer.body) + _HEAD
        with self._lock:
            self._drop(question)
            while self._found and self._size + size > _MOST:
                self._drop(next(iter(self._found)))
            self._found[question] = answer
            self._size += size

    def _drop(self, question: Question) -> None:
        old = self._found.pop(question, None)
        if old is not None:
            self._size -= len(old.body) + _HEAD

    def items(self) -> list[tuple[Question, Answer]]:
        with self._lock:
            return list(self._found.items())
