"""Documents to take away or to print."""

from typing import Final

from fastapi import Response

from aims_api.documents import TITLES
from aims_api.pages.rendering import Visiting, page_router
from aims_graph.report import WRITERS

router = page_router()
_FORMATS: Final = [(name, name.upper()) for name in ("pdf", *(n for n in WRITERS if n != "pdf"))]


@router.get("/documents")
def documents_page(visit: Visiting) -> Response:
    return visit.show("documents.html", "Documents", documents=TITLES, formats=_FORMATS)
