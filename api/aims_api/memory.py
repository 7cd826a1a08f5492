"""What was worked out once of an evaluation, and is worked out for the next one before that is shown."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from aims_api.evaluation import Snapshot

_KEPT: Final = 256
Made = TypeVar("Made")
#: What something depends on: these properties only, the assessment only, or (None) anything.
Needs = tuple[NamedNode, ...] | Literal["assessment"] | None


@dataclass(slots=True)
class _Item:
    make: "Callable[[Snapshot], Any]"
    needs: Needs
    value: Any
    used: bool


class Memory:
    """The least recently used goes first. Threads may share it; two may make the same thing at once."""

    def __init__(self) -> None:
        self._items: OrderedDict[Hashable, _Item] = OrderedDict()
        self._lock = threading.Lock()

    def once(
        self,
        snapshot: "Snapshot",
        key: Hashable,
        make: "Callable[[Snapshot], Made]",
        needs: Needs = None,
    ) -> Made:
        item = self._used(key)
        if item is None:
            item = _Item(make, needs, make(snapshot), used=True)
            self._keep(key, item)
        return cast("Made", item.value)

    def known(self, key: Hashable) -> Any:
        """None when it has not been made."""
        item = self._used(key)
        return None if item is None else item.value

    def _used(self, key: Hashable) -> _Item | None:
        with self._lock:
            item = self._items.get(key)
            if item is not None:
                item.used = True
                self._items.move_to_end(key)
            return item

    def renew(self, snapshot: "Snapshot", old: "Snapshot", before: "Memory") -> None:
        """Makes again what was asked for before; takes over what has not changed."""
        with before._lock:  # noqa: SLF001 - another of this class
            items = list(before._items.items())  # noqa: SLF001
        same_assessment = snapshot.judges_as(old)
        for key, item in items:
            if item.needs == "assessment":
                lasts = same_assessment
            else:
                lasts = item.needs is not None and all(
                    snapshot.says_the_same(old, predicate) for predicate in item.needs
                )
            if lasts:
                self._keep(key, _Item(item.make, item.needs, item.value, used=item.used))
            elif item.used:
                value = item.make(snapshot)
                self._keep(key, _Item(item.make, item.needs, value, used=False))

    def _keep(self, key: Hashable, item: _Item) -> None:
        with self._lock:
            self._items[key] = item
            while len(self._items) > _KEPT:
                self._items.popitem(last=False)
