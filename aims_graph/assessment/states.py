"""The three states, and how several become one."""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    """Conformity: "unknown" is neither a yes nor a no, and is never rounded to one."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


def worst(states: Iterable[State]) -> State:
    """Not met outweighs unknown, unknown outweighs met; of nothing at all, nothing is known."""
    seen = set(states)
    for state in (State.NOT_MET, State.UNKNOWN, State.MET):
        if state in seen:
            return state
    return State.UNKNOWN
