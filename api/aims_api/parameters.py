"""Parameters that several routes take."""

from typing import Annotated, Any

from fastapi import Path, Query

Key = Annotated[
    str,
    Path(
        description="Key of the thing, its IRI (percent-encoded), its identifier or its label.",
        examples=["recommender"],
    ),
]
Fingerprint = Annotated[
    str,
    Path(
        description="Fingerprint of the finding: the same as long as the rule and what it is about are.",
        examples=["2a0be60963519980"],
    ),
]
Reason = Annotated[
    str,
    Query(
        min_length=1,
        max_length=1000,
        description="Why; the journal keeps it.",
        examples=["The register was out of date."],
    ),
]
#: For routes that have a reason to give when nobody says one.
ReasonIfAny = Annotated[
    str,
    Query(
        max_length=1000,
        description="Why; the journal keeps it.",
        examples=["The register was out of date."],
    ),
]
Offset = Annotated[
    int, Query(ge=0, le=2**31, description="How many to pass over at the start.", examples=[0])
]


def limit_of(most: int) -> Any:
    """What stands in ``Annotated`` for the number of rows of a page."""
    return Query(ge=1, le=most, description="How many to give at most.", examples=[20])
