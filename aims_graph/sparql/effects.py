"""What an update does, worked out in a worker on a scratch copy: exact quads added and removed.

Patterns are matched by Oxigraph; blocks and templates are read by its TriG parser, which keeps spellings, and
filled in here. See docs/sparql.md, "Update".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from aims_graph.sparql import errors
from aims_graph.sparql.graphs import UNNAMED
from aims_graph.sparql.index import syntax_error
from aims_graph.sparql.merging import Merger
from aims_graph.sparql.operations import (
    Clear,
    Create,
    Data,
    Modify,
    Operation,
    Step,
    Transfer,
    read_operations,
)
from aims_graph.sparql.snapshot import StoredDataset, recorded, stored
from aims_graph.sparql.spellings import read_spellings
from aims_graph.sparql.templates import Template, Term, fill, inserted, read_templates
from aims_graph.sparql.tokens import position


def open_scratch(folder: str) -> StoredDataset:
    return StoredDataset(
        ox.Store(str(Path(folder) / "store")), read_spellings(Path(folder) / "spellings.nq")
    )


def evaluate_update(
    request: Mapping[str, Any], dataset: StoredDataset
) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Added and removed quads; changes the dataset too."""
    text, prefixes = request["text"], request["prefixes"]
    steps = read_operations(text, prefixes)
    for step in steps:
        _check_grammar(step, text, prefixes)
    run = _Run(dataset, request)
    for number, step in enumerate(steps, 1):
        try:
            run.do(step.operation, step.prologue)
        except errors.UpdateError as error:
            raise errors.UpdateError(
                f"operation {number}: {error.message}", hint=error.hint
            ) from None
    return sorted(run.added, key=str), sorted(run.removed, key=str)


def _check_grammar(step: Step, text: str, prefixes: Mapping[str, str]) -> None:
    """By Oxigraph's parser; the operation before it fails at once, so nothing is run."""
    before = f"{step.prologue}DROP GRAPH <urn:none> ;\n"
    try:
        ox.Store().update(before + step.text, prefixes=dict(prefixes))
    except SyntaxError as error:
        wrong = syntax_error(error, "update")
        if wrong.line is not None and wrong.column is not None:
            line, column = position(text, step.start)
            further = wrong.line - before.count("\n") - 1
            wrong.column += column - 1 if further == 0 else 0
            wrong.line = line + further
        raise wrong from None
    except (OSError, RuntimeError, ValueError):
        return


class _Run:
    def __init__(self, dataset: StoredDataset, request: Mapping[str, Any]) -> None:
        self._dataset = dataset
        self._store, self._spellings = dataset.store, dataset.spellings
        self._prefixes: Mapping[str, str] = request["prefixes"]
        self._reserved = set(request["reserved"])
        self._everything: bool = request["everything"]
        self._using: Sequence[Sequence[str]] | None = request.get("using")
        self._most: int = request["changes"]
        self._created: set[ox.NamedNode] = set()
        self.added: set[ox.Quad] = set()
        self.removed: set[ox.Quad] = set()

    def do(self, operation: Operation, prologue: str) -> None:
        match operation:
            case Data():
                self._data(operation, prologue)
            case Modify():
                self._modify(operation, prologue)
            case Clear():
                self._change((), self._cleared(operation))
            case Create():
                self._create(operation)
            case Transfer():
                self._transfer(operation)

    # Operations

    def _data(self, operation: Data, prologue: str) -> None:
        templates = read_templates(operation.block, prologue, self._prefixes)
        self._check_named(templates)
        blanks: dict[ox.BlankNode, ox.BlankNode] = {}
        if operation.insert:
            self._change(inserted(templates, {}, blanks, None, self._spellings.literal), ())
        else:
            self._change((), {q for t in templates for q in self._deleted(t, {}, None)})

    def _modify(self, operation: Modify, prologue: str) -> None:
        delete, insert = (
            read_templates(block or "", prologue, self._prefixes)
            for block in (operation.delete, operation.insert)
        )
        graph = None if operation.graph is None else ox.NamedNode(operation.graph)
        self._check_graph(graph)
        self._check_named((*delete, *insert))
        added: set[ox.Quad] = set()
        removed: set[ox.Quad] = set()
        names = sorted({name for t in (*delete, *insert) for name in t.variables()})
        for row in self._solutions(operation, prologue, names):
            for template in delete:
                removed.update(self._deleted(template, row, graph))
            added.update(inserted(insert, row, {}, graph, self._spellings.literal))
            self._check_size(len(added) + len(removed))
        self._change(added, removed)

    def _solutions(
        self, operation: Modify, prologue: str, names: list[str]
    ) -> Iterator[dict[str, Term]]:
        chosen = " ".join(f"?{name}" for name in names) or "*"
        text = f"{prologue}SELECT {chosen} WHERE {{{operation.where}\n}}"
        store, options = self._data_set(operation)
        try:
            rows = store.query(text, prefixes=dict(self._prefixes), **options)
        except SyntaxError as error:
            raise syntax_error(error, "update") from None
        assert isinstance(rows, ox.QuerySolutions)
        for row in rows:
            yield {name: row[name] for name in names if row[name] is not None}

    def _data_set(self, operation: Modify) -> tuple[ox.Store, dict[str, Any]]:
        """The store that WHERE is asked of, and the options of its ``query``."""
        if self._using is not None:
            return Merger(self._store).data_set(*self._using)
        if operation.using is not None:
            return Merger(self._store).data_set(operation.using, operation.using_named or ())
        if operation.graph is None:
            return self._store, {}
        graph, named = ox.NamedNode(operation.graph), list(self._store.named_graphs())
        return self._store, {"default_graph": [graph], "named_graphs": named}

    def _cleared(self, operation: Clear) -> set[ox.Quad]:
        target = operation.target
        if target == "DEFAULT":
            return self._quads_of(UNNAMED)
        if target in ("NAMED", "ALL"):
            if not self._everything:
                raise errors.RefusedError(
                    f"{target} would empty the whole workspace",
                    hint="Name the graphs, or allow it explicitly",
                )
            graphs = [name for name in self._writable() if target == "ALL" or name != UNNAMED]
            return {quad for name in graphs for quad in self._quads_of(name)}
        graph = ox.NamedNode(target)
        self._check_graph(graph)
        if not self._exists(graph) and not operation.silent:
            raise errors.UpdateError(f"there is no graph {graph}", hint="SILENT passes over that")
        self._created.discard(graph)
        return self._quads_of(graph)

    def _create(self, operation: Create) -> None:
        graph = ox.NamedNode(operation.graph)
        self._check_graph(graph)
        if self._exists(graph) and not operation.silent:
            raise errors.UpdateError(
                f"there is a graph {graph} already", hint="SILENT passes over that"
            )
        self._created.add(graph)

    def _transfer(self, operation: Transfer) -> None:
        source, target = (
            UNNAMED if name == "DEFAULT" else ox.NamedNode(name)
            for name in (operation.source, operation.target)
        )
        for graph in (target, source) if operation.verb == "MOVE" else (target,):
            self._check_graph(graph)
        if source == target:
            return
        if source != UNNAMED and not self._exists(source):
            if operation.silent:
                return
            raise errors.UpdateError(f"there is no graph {source}", hint="SILENT passes over that")
        moved = self._quads_of(source)
        new = {recorded(ox.Quad(q.subject, q.predicate, q.object, target)) for q in moved}
        gone = set() if operation.verb == "ADD" else self._quads_of(target) - new
        if operation.verb == "MOVE":
            gone |= moved
        self._change(new, gone)

    # Graphs and quads

    def _writable(self) -> list[ox.NamedNode]:
        return [
            name
            for name in self._store.named_graphs()
            if isinstance(name, ox.NamedNode) and name.value not in self._reserved
        ]

    def _exists(self, graph: ox.NamedNode) -> bool:
        quads = self._store.quads_for_pattern(None, None, None, graph)
        return graph in self._created or next(iter(quads), None) is not None

    def _quads_of(self, graph: ox.NamedNode) -> set[ox.Quad]:
        kept = self._store.quads_for_pattern(None, None, None, graph)
        return {recorded(exact) for quad in kept for exact in self._spellings.exact(quad)}

    def _deleted(
        self, template: Template, row: Mapping[str, Term], graph: ox.NamedNode | None
    ) -> Iterator[ox.Quad]:
        """Recorded quads that an instance names. A literal of the template means that spelling only, one
        that was found means its value. Without a graph: from every graph that may be written.
        """
        terms = fill(template, row, {}, graph)
        if terms is None:
            return
        subject, predicate, value, name = terms
        kept = self._spellings.normaliser.literal(value) if isinstance(value, ox.Literal) else value
        where = None if name is None else stored(ox.Quad(subject, predicate, kept, name)).graph_name
        for quad in self._store.quads_for_pattern(subject, predicate, kept, where):
            graph_name = quad.graph_name
            if not isinstance(graph_name, ox.NamedNode):
                continue
            if name is None and graph_name.value in self._reserved:
                continue
            exact = self._spellings.exact(quad)
            if isinstance(template.object, ox.Literal):
                exact = {other for other in exact if other.object == template.object}
            yield from map(recorded, exact)

    def _has(self, quad: ox.Quad) -> bool:
        kept = self._spellings.normaliser.quad(stored(quad))
        return kept in self._store and stored(quad) in self._spellings.exact(kept)

    def _change(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]) -> None:
        come = set(added)
        gone = {quad for quad in removed if quad not in come and self._has(quad)}
        come = {quad for quad in come if not self._has(quad)}
        for quad in (*come, *gone):
            self._check_graph(quad.graph_name)
        self._dataset.apply(come, gone)
        # Against the data as they were before the request.
        self.added, self.removed = (
            (self.added - gone) | (come - self.removed),
            (self.removed - come) | (gone - self.added),
        )
        self._check_size(len(self.added) + len(self.removed))

    def _check_size(self, count: int) -> None:
        if count > self._most:
            raise errors.LimitError(
                f"changed quads > {self._most}", hint="Ingest large changes as files"
            )

    def _check_named(self, templates: Iterable[Template]) -> None:
        for template in templates:
            self._check_graph(template.graph)

    def _check_graph(self, graph: object) -> None:
        if isinstance(graph, ox.NamedNode) and graph.value in self._reserved:
            raise errors.RefusedError(
                f"{graph} is a reserved graph: it is made from the others",
                hint="Change what it is made from",
            )
