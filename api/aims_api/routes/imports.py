"""Files and tables taken in, with a dry run."""

import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from pyoxigraph import DefaultGraph, Quad
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from aims_api.access import CoreOf, Writing
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.negotiation import BODIES
from aims_api.openapi_examples import rdf_bodies
from aims_api.openapi_problems import also
from aims_api.parameters import ReasonIfAny
from aims_api.patches import SUFFIXES, graph_of
from aims_api.problems import ProblemError
from aims_api.writing import change
from aims_graph.ingest.untrusted import ingest_untrusted
from aims_graph.workspace import source_graph
from aims_graph.workspace.dataset import Dataset

router = APIRouter(tags=["records"])

_MOST_FILES: Final = 50
_NAME: Final = re.compile(r"[^\w.\-]+")
_SOURCE: Final = re.compile(r"[\w.\-]{1,100}")
_ACCEPTED: Final = ("multipart/form-data", *BODIES)
_MAPPING: Final = """\
base: https://shop.example/aims/
sources:
  inventory: {file: "*"}
entities:
  system:
    subject: "system/{id|slug}"
    type: aims:AISystem
    properties:
      rdfs:label: {column: name, blank: error}
"""
_TURTLE: Final = """\
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://shop.example/aims#ranking-drift> a aims:Risk ; rdfs:label "The ranking drifts" .
"""
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        "mapping": {"type": "string", "format": "binary"},
                    },
                },
                "example": {"file": ["id,name\nR1,Ranking of offers\n"], "mapping": _MAPPING},
            },
            **rdf_bodies(_TURTLE),
        },
    }
}


class ImportReport(BaseModel):
    """``report``: rows read, things made, values not understood, notes."""

    source: str
    dry_run: bool
    added: int
    removed: int
    entry: int | None
    report: dict[str, Any]


@router.post("/import", response_model=ImportReport, responses=also(400), openapi_extra=_BODY)
async def import_files(
    request: Request,
    core: CoreOf,
    caller: Writing,
    source: Annotated[
        str,
        Query(
            description="Name of the source; what it held before is replaced.",
            max_length=100,
            examples=["inventory"],
        ),
    ] = "import",
    dry_run: Annotated[
        bool, Query(description="Read and report, write nothing.", examples=[True])
    ] = False,
    reason: ReasonIfAny = "",
) -> dict[str, Any]:
    """Take in RDF, AIMS files in YAML, and tables (CSV, TSV, XLSX, YAML, JSON) by a mapping. A source is
    a named graph: taking in the same file again records only what changed.
    """
    if not _SOURCE.fullmatch(source):
        raise ProblemError(
            422, "validation-failed", "a source is named by letters, digits, - and _"
        )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if media_type == "multipart/form-data":
            files, mapping = await _receive(request, folder)
        elif media_type in BODIES:
            files, mapping = [folder / f"body{SUFFIXES[BODIES[media_type]]}"], None
            files[0].write_bytes(await request.body())
        else:
            raise ProblemError(
                415,
                "unsupported-media-type",
                f"accepted: {', '.join(_ACCEPTED)}",
                headers={"Accept-Post": ", ".join(_ACCEPTED)},
            )
        return await run_in_threadpool(
            _take_in, core, caller, files, mapping, source, reason, dry_run=dry_run
        )


async def _receive(request: Request, folder: Path) -> tuple[list[Path], Path | None]:
    files: list[Path] = []
    mapping: Path | None = None
    async with request.form(max_files=_MOST_FILES + 1, max_fields=20) as form:
        for field, part in form.multi_items():
            if not isinstance(part, UploadFile):
                continue
            plain = _NAME.sub("-", (part.filename or "").replace("\\", "/").rpartition("/")[2])
            place = folder / str(len(files)) if field == "file" else folder / "mapping"
            place.mkdir(exist_ok=True)
            path = place / (plain.strip(".")[-120:] or "file")
            with path.open("wb") as target:
                while piece := await part.read(1 << 20):
                    target.write(piece)
            if field == "mapping":
                mapping = path
            else:
                files.append(path)
    if not files:
        raise ProblemError(422, "validation-failed", "there is no part named file")
    return files, mapping


def _take_in(
    core: Core, caller: Caller, files: list[Path], mapping: Path | None, source: str, reason: str,
    *, dry_run: bool,
) -> dict[str, Any]:  # fmt: skip
    found = ingest_untrusted(files, mapping=mapping)
    graph = source_graph(source)
    quads = [
        Quad(q.subject, q.predicate, q.object, graph)
        if isinstance(q.graph_name, DefaultGraph)
        else q
        for q in found.quads
    ]
    for name in {graph_of(quad) for quad in quads} | {graph.value}:
        if not caller.may_write(name):
            raise ProblemError(403, "policy-denied", f"the graph {name} is not yours to write")
    counts = [0, 0]

    def work(dataset: Dataset) -> tuple[Iterable[Quad], Iterable[Quad]]:
        from aims_graph.workspace.lines import name_blank_nodes  # noqa: PLC0415

        named = list(dict.fromkeys(map(name_blank_nodes, quads)))
        wanted = set(named)
        old = [Quad(s, p, o, graph) for s, p, o in dataset.graph(graph).triples()]  # type: ignore[arg-type]
        gone = [quad for quad in old if quad not in wanted]
        come = [quad for quad in named if quad not in dataset]
        counts[:] = [len(come), len(gone)]
        return ([], []) if dry_run else (come, gone)

    names = ", ".join(path.name for path in files)
    entry = change(core, caller, work, reason=reason or f"Took in {names}", source=source)
    return {
        "source": source,
        "dry_run": dry_run,
        "added": counts[0],
        "removed": counts[1],
        "entry": None if entry is None else entry.sequence,
        "report": found.report,
    }
