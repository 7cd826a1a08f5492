"""Two cores for one reader: the next block is cut while terms of this one are looked up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def computed_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, each computed in a thread while the caller is at work on the one before."""
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item
