"""Answers as they were written, kept with the evaluation that they follow from."""

import threading
from dataclasses import dataclass
from typing import Any, Final

#: Bytes of one answer, and of all answers of an evaluation.
LARGEST: Final = 256 * 1024
_MOST: Final = 32 << 20
_HEAD: Final = 1024

#: Path, query and Accept header of a request.
Question = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Answer:
    route: Any
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answers:
    """Of one evaluation. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Question, Answer] = {}
        self._size = 0

    def get(self, question: Question) -> Answer | None:
        return self._found.get(question)

    def keep(self, question: Question, answer: Answer) -> None:
        size = len(answer.body) + _HEAD
        with self._lock:
            if self._size + size > _MOST:
                self._found, self._size = {}, 0
            self._found[question] = answer
            self._size += size
