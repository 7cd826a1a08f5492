"""gaps, soa: where the organization stands, on the screen and as documents to hand over."""

from typing import Annotated

import typer

from aims_graph.cli.graph import load_assessment
from aims_graph.cli.options import (
    AsOf,
    Data,
    Engine,
    Mapping,
    Output,
    WithIsoText,
    choose,
    default_file,
    parse_date,
    refuse_table_file,
)
from aims_graph.cli.output import console, json_text, print_table, state_text, write_or_print
from aims_graph.report import (
    CONTROL_STATES,
    GROUPINGS,
    WRITERS,
    Row,
    gap_rows,
    gap_table,
    write_statement,
)
from aims_graph.report.statement import STATEMENT_FORMATS

_GAP_FORMATS = tuple(name for name in WRITERS if name != "json")
_OFTEN_EMPTY = ("in_progress", "warnings", "reason", "owners", "licensed_text")


def register(app: typer.Typer) -> None:
    for command in (gaps, soa):
        app.command()(command)


def gaps(
    by: Annotated[str, typer.Option(help=", ".join(GROUPINGS))] = "clause",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    fmt: Annotated[
        str, typer.Option("--format", help=f"table, json, {', '.join(_GAP_FORMATS)}")
    ] = "table",
    output: Output = None,
    engine: Engine = "columns",
    with_iso_text: WithIsoText = False,
) -> None:
    """Gap analysis by clause, control, system or rule."""
    choose(by, list(GROUPINGS), "--by")
    choose(fmt, ["table", "json", *_GAP_FORMATS], "--format")
    refuse_table_file(fmt, ["json", *_GAP_FORMATS], output)
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    if fmt in _GAP_FORMATS:
        subtitle = f"By {by}, as of {assessment.as_of}"
        table = gap_table(assessment, (by,), subtitle, with_iso_text=with_iso_text)
        write_or_print(WRITERS[fmt][1](table), output or default_file("gap-report", fmt))
        return
    rows = gap_rows(assessment, by, with_iso_text=with_iso_text)
    if fmt == "json":
        write_or_print(json_text(rows), output)
        return
    if console.is_terminal:  # one column less to break words for
        rows = [_with_reason(row) for row in rows]
    # The states of a control have a table of their own: aims soa. Columns that say nothing are left out.
    names = [
        name
        for name in (rows[0] if rows else ())
        if name not in CONTROL_STATES
        and (name not in _OFTEN_EMPTY or any(row[name] for row in rows))
    ]
    shown = [
        [state_text(str(row[name])) if name == "state" else row[name] for name in names]
        for row in rows
    ]
    if rows:
        columns = [name.replace("_", " ").capitalize() for name in names]
        print_table(columns, shown, title=f"Gaps by {by} as of {assessment.as_of}")


def _with_reason(row: Row) -> Row:
    """The reason of a state after the title, instead of in a column that is mostly empty."""
    if "reason" not in row:
        return row
    title = f"{row['title']} ({row['reason']})" if row["reason"] else row["title"]
    return {
        name: title if name == "title" else cell for name, cell in row.items() if name != "reason"
    }


def soa(
    fmt: Annotated[
        str, typer.Option("--format", help=f"table, {', '.join(STATEMENT_FORMATS)}")
    ] = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    output: Output = None,
    engine: Engine = "columns",
    with_iso_text: WithIsoText = False,
) -> None:
    """Statement of applicability for the 38 Annex A controls.

    HTML and Markdown show the text of the standard that you licensed, if you laid it over ours; XLSX and
    PDF, which are often passed on, only with --with-iso-text.
    """
    choose(fmt, ["table", *STATEMENT_FORMATS], "--format")
    refuse_table_file(fmt, STATEMENT_FORMATS, output)
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    if fmt != "table":
        licensed = with_iso_text or fmt not in ("xlsx", "pdf")
        document = write_statement(assessment, fmt, with_iso_text=licensed)
        write_or_print(document, output or default_file("statement-of-applicability", fmt))
        return
    rows = gap_rows(assessment, "control")
    keys = ("requirement", "title", "applicable", *CONTROL_STATES, "state", "owners")
    columns = [key.replace("_", " ").capitalize() for key in keys]
    shown = [[state_text(str(r[k])) if k == "state" else r[k] for k in keys] for r in rows]
    print_table(columns, shown, title=f"Annex A as of {assessment.as_of}")
