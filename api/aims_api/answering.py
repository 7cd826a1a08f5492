"""Questions on behalf of a caller: what they have written themselves is always part of the answer."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from anyio import to_thread
from fastapi import Response
from fastapi.responses import StreamingResponse

from aims_api.answers import ENTRY_HEADER
from aims_api.callers import Caller
from aims_api.core import Core
from aims_api.evaluation import Snapshot
from aims_api.problems import ProblemError
from aims_api.snapshots import key_of
from aims_graph.errors import InputError
from aims_graph.sparql.formats import choose_formats
from aims_graph.sparql.from_clauses import DataSet
from aims_graph.sparql.pool import QueryResult

#: What makes each answer another one.
_NEVER_THE_SAME: Final = re.compile(r"\b(?:now|rand|uuid|struuid|bnode)\b", re.IGNORECASE)
_IN_MEMORY: Final = 1 << 20
_PIECE: Final = 64 * 1024


def latest(core: Core, caller: Caller) -> Snapshot:
    """With the caller's own last entry in it."""
    return core.snapshots.after(caller, core.written.get(caller.id, 0))


def ask(
    core: Core,
    caller: Caller,
    text: str,
    accept: str | None,
    dataset: DataSet | None = None,
) -> tuple[QueryResult, Snapshot]:
    """Raises InputError and its kinds, ProblemError 406."""
    try:
        choose_formats(accept)
    except InputError as error:
        raise ProblemError(406, "not-acceptable", error.message, hint=error.hint) from None
    snapshot = latest(core, caller)
    return core.questions.ask(key_of(caller.read), snapshot, text, accept, dataset), snapshot


def ask_past(
    core: Core, caller: Caller, past: Snapshot, text: str, accept: str
) -> tuple[QueryResult, Snapshot]:
    """Of an evaluation that is not the last; it has an index of its own. Raises as ``ask`` does."""
    key = (*key_of(caller.read), f"at {past.sequence} as of {past.day} by {past.rules.version}")
    return core.questions.ask(key, past, text, accept), past


async def asking(core: Core, call: Callable[..., Response], *arguments: object) -> Response:
    """In a thread of those that may wait for workers."""
    return await to_thread.run_sync(partial(call, *arguments), limiter=core.asking)


def repeatable(core: Core, caller: Caller, text: str, snapshot: Snapshot) -> bool:
    """Whether an answer that was just given is the one that whoever asks the evaluation again would get: the index
    had not gone on before.
    """
    shown = core.questions.shows_exactly(key_of(caller.read), snapshot)
    return shown and _NEVER_THE_SAME.search(text) is None


def respond(result: QueryResult, snapshot: Snapshot) -> Response:
    """Takes the whole answer first, so that every error can be said, and a worker is not kept by who reads
    slowly or not at all. A long one waits in a file.
    """
    headers = {ENTRY_HEADER: str(snapshot.sequence), "Vary": "Accept"}
    kept = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    try:
        with result:
            for piece in result:
                kept.write(piece)
    except BaseException:
        kept.close()
        raise
    size = kept.tell()
    kept.seek(0)
    if size <= _IN_MEMORY:
        return Response(kept.read(), headers=headers, media_type=result.media_type)
    headers["Content-Length"] = str(size)
    return StreamingResponse(_pieces(kept), headers=headers, media_type=result.media_type)


def _pieces(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while piece := kept.read(_PIECE):
            yield piece
