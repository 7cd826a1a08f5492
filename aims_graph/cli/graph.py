"""Where a command's graph comes from: named files, or the workspace."""

import difflib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode

from aims_graph.assessment import Assessment, evaluate, load_ontology, load_shapes, with_ontology
from aims_graph.cli.progress import BYTES, progress
from aims_graph.cli.state import current
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.ingest import read_columns
from aims_graph.vocabulary import PREFIXES, RDF

_SUFFIXES = {
    ".ttl", ".trig", ".nt", ".nq", ".jsonld", ".rdf", ".owl", ".yaml", ".yml", ".csv", ".tsv", ".xlsx"
}  # fmt: skip


def load_data(files: list[Path] | None, mapping: Path | None = None) -> Columns:
    """The graph to work on, without the ontology. Raises InputError when there is none."""
    if mapping is not None and not files:
        raise InputError("--mapping is for files named in the same call")
    if not files:
        return current.workspace().columns()
    with progress("Reading files", BYTES) as tell:
        return read_columns(expand(files), mapping=mapping, tell=tell)


def expand(paths: list[Path]) -> list[Path]:
    """A folder stands for the files in it that are read, in the order of their names.

    Raises InputError for a folder that has none.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(child for child in path.iterdir() if child.suffix.lower() in _SUFFIXES)
        if not found:
            raise InputError("there is nothing to read in this folder", file=path)
        files += found
    return files


def load_assessment(
    files: list[Path] | None,
    as_of: date,
    *,
    shapes: list[Path] | None = None,
    engine: str,
    mapping: Path | None = None,
    infer: bool = False,
) -> Assessment:
    """Evaluates the files or the workspace with our shapes, or with those named."""
    data = load_data(files, mapping)
    with progress("Evaluating rules", "constraints") as tell:
        return evaluate(
            data,
            as_of=as_of,
            ontology=ontology(),
            shapes=read_columns(expand(shapes)) if shapes else rules(),
            engine=engine,
            infer=infer,
            tell=tell,
        )


def ontology() -> Columns:
    """Ours, with the workspace's licensed ISO text over it when there is one."""
    return load_ontology(current.iso_text())


def rules() -> Columns:
    """Our shapes and the workspace's own."""
    workspace = current.existing()
    return load_shapes() if workspace is None else workspace.rules()


def graph_with_ontology(
    files: list[Path] | None, as_of: date, mapping: Path | None = None
) -> Columns:
    return with_ontology(load_data(files, mapping), ontology(), as_of)


def find_thing(reader: Reader, name: str, among: Iterable[Term] | None = None) -> Term:
    """A node by IRI, prefixed name, end of IRI, identifier or label. Raises InputError if none or several."""
    nodes = list(_subjects(reader) if among is None else among)
    prefix, colon, local = name.partition(":")
    iri = PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
    exact = [node for node in nodes if isinstance(node, NamedNode) and node.value == iri]
    if exact:
        return exact[0]
    wanted = name.casefold()
    names: dict[str, list[Term]] = {}
    for naming in (local_name, reader.label):
        for node in nodes:
            names.setdefault(naming(node).casefold(), []).append(node)
        # The end of an IRI goes before a label: it is what the files say.
        found = list(dict.fromkeys(names.get(wanted, [])))
        if len(found) == 1:
            return found[0]
        if found:
            options = ", ".join(str(node) for node in found[:5])
            raise InputError(f"{name!r} names {len(found)} things", hint=f"Give one IRI: {options}")
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else None
    raise InputError(f"nothing in the graph is called {name!r}", hint=hint)


def _subjects(reader: Reader) -> list[Term]:
    typed = (subject for subject, _ in reader.pairs(NamedNode(RDF + "type")))
    return list(dict.fromkeys(typed))
