"""The statement of applicability as it stands: all 38 controls."""

from collections import Counter

from fastapi import Response

from aims_api.evidence_links import statement
from aims_api.pages.rendering import Visiting, page_router
from aims_api.pages.requirements import STATES

router = page_router()


@router.get("/statement-of-applicability")
def statement_page(visit: Visiting) -> Response:
    rows = statement(visit.snapshot)
    counts = Counter(
        "not said" if row.applicable is None else "applicable" if row.applicable else "excluded"
        for row in rows
    )
    return visit.show(
        "statement.html", "Statement of applicability", rows=rows, states=STATES, counts=counts
    )
