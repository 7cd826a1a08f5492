"""Finds the ontology, shapes, queries and examples: beside the package in a checkout, inside it in a wheel."""

import os
from pathlib import Path

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.vocabulary import OWL, RDF

_PACKAGE = Path(__file__).resolve().parent

#: Names a file or folder with the licensed text of the standard, laid over the ontology.
ISO_TEXT = "AIMS_ISO_TEXT"

_RDF_SUFFIXES = frozenset({".ttl", ".nt", ".trig", ".nq", ".rdf", ".owl", ".xml", ".jsonld"})


def folder(name: str) -> Path:
    """The folder ``ontology``, ``shapes``, ``queries`` or ``examples``.

    Raises FileNotFoundError when the installation is incomplete.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        path = root / name
        if path.is_dir():
            return path
    raise FileNotFoundError(
        f"{name}/ is missing from this installation of aims-graph: install it again"
    )


def ontology_files(*, root: Path | None = None, overlay: Path | None = None) -> list[Path]:
    """``aims.ttl`` of ``root`` (default: ours) and all it imports, each file once, importers first.

    Imports lead only to files under ``root``, by the ontology IRI in their headers; nothing is
    fetched. ``overlay`` (default: what AIMS_ISO_TEXT names) is a file or folder whose RDF files come
    last; they are not read here, so their own imports are not followed.

    Raises InputError for an import that no file answers, a file without header, a missing overlay.
    """
    root = folder("ontology") if root is None else root
    iris: dict[str, Path] = {}
    imports: dict[Path, list[str]] = {}
    for path in sorted(root.rglob("*.ttl")):
        iri, imports[path] = _header(path)
        if iri in iris:
            raise InputError(f"{iri} is also the ontology IRI of {iris[iri]}", file=path)
        iris[iri] = path
    start = root / "aims.ttl"
    if start not in imports:
        raise InputError("there is no aims.ttl to begin with", file=root)
    files = [start]
    for path in files:  # grows while it is walked
        for iri in imports[path]:
            if iri not in iris:
                raise InputError(
                    f"imports {iri}, which no file under {root} has as its ontology IRI",
                    file=path,
                    hint="Imports are never fetched: put the file there or take the import out.",
                )
            if iris[iri] not in files:
                files.append(iris[iri])
    return files + _overlay_files(overlay)


def _header(path: Path) -> tuple[str, list[str]]:
    """The ontology IRI and the imports in the first statements of a file; no more of it is read."""
    subject: ox.NamedNode | None = None
    imports: list[str] = []
    try:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if subject is None:
                is_header = quad.predicate.value == RDF + "type" and quad.object == ox.NamedNode(
                    OWL + "Ontology"
                )
                if not is_header or not isinstance(quad.subject, ox.NamedNode):
                    break
                subject = quad.subject
            elif quad.subject != subject:
                break
            elif quad.predicate.value == OWL + "imports" and isinstance(quad.object, ox.NamedNode):
                imports.append(quad.object.value)
    except SyntaxError as error:
        raise InputError(error.msg, file=path, line=error.lineno, column=error.offset) from error
    if subject is None:
        raise InputError(
            "does not begin with its ontology header",
            file=path,
            hint="Make `<ontology IRI> a owl:Ontology` the first statement.",
        )
    return subject.value, imports


def _overlay_files(overlay: Path | None) -> list[Path]:
    if overlay is None:
        named = os.environ.get(ISO_TEXT)
        if not named:
            return []
        overlay = Path(named)
    if overlay.is_file():
        return [overlay]
    if not overlay.is_dir():
        raise InputError(
            "there is no such file or folder",
            file=overlay,
            hint=f"Mend the overlay path or {ISO_TEXT}.",
        )
    return sorted(path for path in overlay.rglob("*") if path.suffix.lower() in _RDF_SUFFIXES)
