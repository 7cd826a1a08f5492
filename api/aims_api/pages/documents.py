"""Documents to take away or to print."""

from typing import Final

from fastapi import APIRouter, Response

from aims_api.documents import TITLES
from aims_api.pages.rendering import PageRoute, Visiting
from aims_graph.report import WRITERS

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_FORMATS: Final = [(name, name.upper()) for name in ("pdf", *(n for n in WRITERS if n != "pdf"))]


@router.get("/documents")
def documents_page(visit: Visiting) -> Response:
    return visit.show("documents.html", "Documents", documents=TITLES, formats=_FORMATS)
