"""Chooses the reader of a table by the ending of its file."""

from pathlib import Path
from typing import Final

from aims_graph.errors import InputError
from aims_graph.ingest.csv_source import read_csv
from aims_graph.ingest.item_source import read_items
from aims_graph.ingest.tables import FORMATS, MAX_BYTES, Table, TableOptions

_FORMATS: Final = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
}


def table_format(path: Path) -> str | None:
    return _FORMATS.get(path.suffix.lower())


def read_table(path: Path, options: TableOptions) -> Table:
    """Reads the whole table. Raises InputError with line (text) or row (sheet)."""
    format_ = options.format or table_format(path)
    if format_ is None:
        raise InputError(
            f"the ending {path.suffix!r} is no known table format",
            file=path,
            hint=f"Give the source a 'format': {', '.join(FORMATS)}.",
        )
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from error
    if size > MAX_BYTES:
        raise InputError(f"the file has {size:,} bytes, more than {MAX_BYTES:,}", file=path)
    if format_ in ("csv", "tsv"):
        return read_csv(path, options, "\t" if format_ == "tsv" else ",")
    if format_ == "xlsx":
        from aims_graph.ingest.xlsx_source import read_xlsx  # noqa: PLC0415 - openpyxl is slow to import

        return read_xlsx(path, options)
    return read_items(path, options, format_)
