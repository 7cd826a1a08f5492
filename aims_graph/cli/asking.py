"""Queries of one's own, answered in a worker; results as tables and files."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from aims_graph.cli.output import print_table, write_or_print
from aims_graph.columns import Triple
from aims_graph.report.results import Answer, read_answer, write_answer
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.pool import QueryPool
from aims_graph.vocabulary import PREFIXES

_PIECE = 10_000


def ask_index(text: str, folder: Path, fmt: str, output: Path | None, seconds: float) -> None:
    """Asks the newest snapshot of a workspace."""
    with QueryPool(folder, workers=1, limits=Limits(seconds=seconds)) as pool:
        _answer(pool, text, fmt, output)


def ask_triples(
    text: str, triples: list[Triple], fmt: str, output: Path | None, seconds: float
) -> None:
    """Asks a graph that is put into the worker's memory."""
    with QueryPool(quads=_lines(triples), workers=1, limits=Limits(seconds=seconds)) as pool:
        _answer(pool, text, fmt, output)


def _lines(triples: list[Triple]) -> Iterator[bytes]:
    for start in range(0, len(triples), _PIECE):
        piece = triples[start : start + _PIECE]
        yield "".join(f"{s} {p} {o} .\n" for s, p, o in piece).encode()


def _answer(pool: QueryPool, text: str, fmt: str, output: Path | None) -> None:
    accept = {"json": "json", "xml": "xml"}.get(fmt, "ntriples")
    with pool.query(text, accept) as result:
        data = result.read()
    if fmt in ("json", "xml"):
        write_or_print(data, output)
        return
    if result.kind == "graph":
        rows = [tuple(triple)[:3] for triple in ox.parse(data, format=ox.RdfFormat.N_TRIPLES)]
        answer = Answer("graph", ("subject", "predicate", "object"), rows)
    else:
        answer = read_answer(ox.parse_query_results(data, format=ox.QueryResultsFormat.JSON))
    if fmt == "table":
        print_table(answer.columns, answer.texts(PREFIXES))
    else:
        write_or_print(write_answer(answer, fmt), output)
