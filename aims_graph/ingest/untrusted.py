"""Files of others, taken in by a worker of their own: a bomb, a crash or a loop in a reader ends that process
only, which has no network, little memory, and sees no files but these and our own.
"""

import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.ingest.files import ingest
from aims_graph.resources import folder
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.untrusted import modules_to_read, read_in_worker

_MODULE: Final = "aims_graph.ingest.untrusted"
# openpyxl looks for a list of the system's file types when it is loaded.
_FOR_TABLES: Final = ("aims_graph.ingest.mapped", "aims_graph.ingest.xlsx_source")
_PACKAGE: Final = Path(__file__).resolve().parents[1]
#: Of a request that is waited for; reading tables takes longer than parsing RDF.
LIMITS: Final = Limits(seconds=60.0, cpu=60, memory=2 << 30)


@dataclass(frozen=True, slots=True)
class Received:
    """``quads`` as ``Ingested`` has them; ``report`` as ``IngestReport.to_json`` gives it."""

    quads: list[ox.Quad]
    report: dict[str, Any]


def ingest_untrusted(
    paths: Sequence[Path], *, mapping: Path | None = None, limits: Limits = LIMITS
) -> Received:
    """As ``ingest``. Raises InputError as that does, and LimitError, TimeLimitError or MemoryLimitError."""
    files = [path.resolve() for path in paths]
    rules = None if mapping is None else mapping.resolve()
    for path, given in zip([*files, rules], [*paths, mapping], strict=True):
        if path is not None and not path.is_file():
            raise InputError("there is no such file", file=given)
    # What is loaded later than this comes from the library, which is no secret.
    library = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
    own = [_PACKAGE, folder("ontology"), *files, *([] if rules is None else [rules])]
    request = {
        "module": _MODULE,
        "paths": list(map(str, files)),
        "mapping": None if rules is None else str(rules),
    }
    report, quads = read_in_worker(
        request,
        limits,
        modules=[*modules_to_read(files), *(() if rules is None else _FOR_TABLES)],
        readable=[*library, *map(str, own)],
    )
    return Received(quads, report)


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], Iterator[bytes]]:
    """The report, and the quads as lines; runs in the worker."""
    mapping = request["mapping"]
    found = ingest(
        list(map(Path, request["paths"])), mapping=None if mapping is None else Path(mapping)
    )
    return found.report.to_json(), (f"{quad} .\n".encode() for quad in found.quads)
