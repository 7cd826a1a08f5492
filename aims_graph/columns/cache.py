"""Columns as Parquet files that any data tool can open, used as a cache that is never trusted.

A cache is a folder with ``manifest.json`` and two tables it names:

- terms: row = id; text (IRI, blank node label or lexical form), kind (0 IRI, 1 blank node,
  2 literal), datatype (id of its IRI, -1), language (or null), and the facts of ``facts.Facts``;
- triples: subject, predicate, object (ids), sorted by predicate, subject, object.

The manifest carries the format version and SHA-256 checksums of the tables and of the files that
the graph was read from.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike
from pyarrow import parquet

from aims_graph.errors import InputError

from .facts import Facts
from .graph import Columns, Pairs
from .relations import split_sorted
from .terms import BLANK, IRI, LITERAL, TermDictionary

#: To be raised when tables, or facts about terms, change their meaning.
FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
_ROW_GROUP: Final = 1 << 20


class StaleCacheError(InputError):
    """The cache is of another format or of other source files."""


def digest_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None


def digest_sources(paths: Iterable[Path]) -> list[dict[str, str]]:
    return [{"name": Path(path).name, "sha256": digest_file(Path(path))} for path in paths]


def write_cache(columns: Columns, folder: Path, sources: Sequence[dict[str, str]] = ()) -> None:
    """Writes the tables under new names, then the manifest at once: a reader sees the old cache or
    the new one. ``sources`` comes from ``digest_sources``, taken before the files were read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = {path.name for path in folder.glob("*.parquet")}
    tables = {
        "terms": _write_table(_terms_table(columns.terms), folder, "terms", ["kind", "language"]),
        "triples": _write_table(_triples_table(columns), folder, "triples", ["predicate"]),
    }
    manifest = {
        "format": FORMAT,
        "terms": len(columns.terms),
        "triples": len(columns),
        "tables": tables,
        "sources": list(sources),
    }
    temporary = _temporary(folder)
    temporary.write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    temporary.replace(folder / MANIFEST)
    for old in before - {table["file"] for table in tables.values()}:
        (folder / old).unlink(missing_ok=True)


def _temporary(folder: Path) -> Path:
    return folder / f"{secrets.token_hex(8)}.tmp"


def _write_table(table: pa.Table, folder: Path, name: str, repeated: list[str]) -> dict[str, str]:
    temporary = _temporary(folder)
    parquet.write_table(
        table,
        temporary,
        compression="lz4",
        use_dictionary=repeated,
        row_group_size=_ROW_GROUP,
    )
    checksum = digest_file(temporary)
    file = f"{name}-{checksum[:16]}.parquet"
    temporary.replace(folder / file)
    return {"file": file, "sha256": checksum}


def _terms_table(terms: TermDictionary) -> pa.Table:
    text, offsets = terms.text
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(text)]
    language = terms.language
    names = pa.array([*terms.languages], pa.string())
    codes = pa.array(language, mask=language < 0)
    return pa.table(
        {
            "text": pa.Array.from_buffers(pa.large_string(), len(terms), buffers),
            "kind": terms.kind,
            "datatype": terms.datatype,
            "language": pa.DictionaryArray.from_arrays(codes, names),
            "length": terms.length,
            **terms.facts.arrays(),
        }
    )


def _triples_table(columns: Columns) -> pa.Table:
    pairs = [columns.pairs(int(predicate)) for predicate in columns.predicates]
    predicates = np.repeat(columns.predicates, [len(part) for part in pairs])
    subjects = [part.subjects for part in pairs]
    objects = [part.objects for part in pairs]
    empty = np.zeros(0, np.int32)
    return pa.table(
        {
            "subject": np.concatenate([empty, *subjects]),
            "predicate": predicates,
            "object": np.concatenate([empty, *objects]),
        }
    )


def read_cache(folder: Path, sources: Sequence[Path] | None = None) -> Columns:
    """Raises StaleCacheError, and InputError when anything in the folder is damaged.

    With ``sources``, also checks that these files, in this order, are what the cache was made of.
    """
    manifest = _read_manifest(folder)
    if sources is not None and digest_sources(sources) != manifest["sources"]:
        raise StaleCacheError("the cache was made of other files", file=folder)
    try:
        terms = _read_terms(_read_table(folder, manifest, "terms"))
        return _read_triples(_read_table(folder, manifest, "triples"), terms)
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the cache is damaged: {error}", file=folder) from None


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    except ValueError:
        raise InputError("the cache is damaged: the manifest is no JSON", file=path) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise StaleCacheError(f"the cache is not of format {FORMAT}", file=path)
    if not manifest.keys() >= {"tables", "sources"}:
        raise InputError("the cache is damaged: the manifest is incomplete", file=path)
    return manifest


def _read_table(folder: Path, manifest: dict[str, Any], name: str) -> pa.Table:
    entry = manifest["tables"][name]
    path = folder / Path(entry["file"]).name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise InputError("the cache is damaged: wrong checksum", file=path)
    table = parquet.read_table(pa.BufferReader(data))
    if table.num_rows != manifest[name]:
        raise ValueError(f"{table.num_rows} {name} where {manifest[name]} are announced")
    return table


def _numbers(table: pa.Table, name: str, dtype: DTypeLike) -> np.ndarray[Any, Any]:
    column: np.ndarray[Any, Any] = table.column(name).to_numpy()
    return column.astype(dtype, copy=False)


def _read_terms(table: pa.Table) -> TermDictionary:
    text = table.column("text").combine_chunks()
    _, offsets, data = text.buffers()
    bounds = np.frombuffer(offsets, np.int64)[text.offset :][: len(text) + 1]
    if len(text) == 0:
        bounds = np.zeros(1, np.int64)
    buffer = (
        np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] if data else np.zeros(0, np.uint8)
    )
    tagged = table.column("language").combine_chunks()
    if not isinstance(tagged, pa.DictionaryArray):
        tagged = tagged.dictionary_encode()
    languages = tagged.dictionary.to_pylist()
    language = tagged.indices.fill_null(-1).to_numpy()
    kind, datatype = _numbers(table, "kind", np.int32), _numbers(table, "datatype", np.int32)
    tags = np.where(language >= 0, 3 + 2 * language, 2 + 2 * datatype)
    tags = np.where(kind == LITERAL, tags, kind).astype(np.int32)
    literal_types = datatype[kind == LITERAL]
    known = (kind >= IRI) & (kind <= LITERAL) & ((kind != BLANK) | (datatype == -1))
    if not known.all() or ((literal_types < 0) | (literal_types >= len(kind))).any():
        raise ValueError("a term has no kind or datatype")
    types = Facts.blank(0).arrays()
    facts = Facts(**{name: _numbers(table, name, empty.dtype) for name, empty in types.items()})
    length = _numbers(table, "length", np.int32)
    return TermDictionary.from_text(buffer, bounds - bounds[0], tags, languages, length, facts)


def _read_triples(table: pa.Table, terms: TermDictionary) -> Columns:
    subject, predicate, value = (
        _numbers(table, name, np.int32) for name in ("subject", "predicate", "object")
    )
    for ids in (subject, predicate, value):
        if len(ids) and not 0 <= ids.min() <= ids.max() < len(terms):
            raise ValueError("a triple names a term that is not there")
    parts = split_sorted(subject, predicate, value)
    return Columns(terms, {key: Pairs(*part) for key, part in parts.items()})


def open_cache(folder: Path, sources: Sequence[Path] | None = None) -> Columns | None:
    """As ``read_cache``, but None when the cache is absent, stale or damaged."""
    try:
        return read_cache(folder, sources)
    except InputError:
        return None


def load_cached(paths: Sequence[Path], folder: Path) -> Columns:
    """As ``load``, from the cache if that is good; else the cache is made anew."""
    columns = open_cache(folder, paths)
    if columns is None:
        sources = digest_sources(paths)
        columns = Columns.from_files(paths)
        write_cache(columns, folder, sources)
    return columns
