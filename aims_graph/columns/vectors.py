"""A NumPy array that grows at its end."""

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


class Vector(Generic[Scalar]):
    """Appending costs amortised constant time an entry.

    Views handed out earlier stay valid: entries are never changed, only added.
    """

    __slots__ = ("_data", "_size")

    def __init__(self, data: NDArray[Scalar]) -> None:
        self._data = data
        self._size = len(data)

    def __len__(self) -> int:
        return self._size

    @property
    def view(self) -> NDArray[Scalar]:
        return self._data[: self._size]

    def padded(self, extra: int) -> NDArray[Scalar]:
        """The entries and ``extra`` readable ones of no meaning."""
        if self._size + extra > len(self._data):
            self._reserve(self._size + extra)
        return self._data[: self._size + extra]

    def append(self, data: NDArray[Any]) -> None:
        end = self._size + len(data)
        if end > len(self._data):
            # An empty vector takes the size of what comes first, exactly; later ones are spare.
            self._reserve(end if self._size == 0 else end + end // 2)
        self._data[self._size : end] = data
        self._size = end

    def _reserve(self, capacity: int) -> None:
        grown = np.zeros(capacity, self._data.dtype)
        grown[: self._size] = self._data[: self._size]
        self._data = grown
