"""log, show, diff, at, revert, redact: what was changed, by whom and why, and how things stood before."""

from itertools import islice
from typing import Annotated, Any

import typer

from aims_graph.cli.differences import conformance_json, print_finding_change, print_states
from aims_graph.cli.graph import ontology, rules
from aims_graph.cli.options import AsOf, choose, parse_date
from aims_graph.cli.output import console, messages, print_json, print_table
from aims_graph.cli.state import current
from aims_graph.errors import InputError
from aims_graph.journal import Entry, Lines
from aims_graph.vocabulary import PREFIXES

Format = Annotated[str, typer.Option("--format", help="table or json")]
Reason = Annotated[str, typer.Option(help="Why, for the journal.")]
Actor = Annotated[str | None, typer.Option(help="Who, for the journal. Default: the user.")]

_SHOWN = 50


def register(app: typer.Typer) -> None:
    for command in (log, show, diff, revert, redact):
        app.command()(command)
    app.command(
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        }
    )(at)


def log(
    fmt: Format = "table",
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, help="Only the last so many entries.")
    ] = None,
) -> None:
    """The journal: who changed what, when, why."""
    choose(fmt, ["table", "json"], "--format")
    workspace = current.workspace()
    rows = [
        _entry_json(entry)
        for entry in workspace.journal.entries()
        if workspace.at is None or entry.sequence <= workspace.at
    ]
    rows = rows[-limit:] if limit else rows
    if fmt == "json":
        print_json(rows)
        return
    columns = ("#", "Time", "Actor", "Reason", "Source", "Added", "Removed", "Hash")
    shown = [
        (row["sequence"], row["time"], row["actor"], row["reason"], row["source"], row["added"],
         row["removed"], str(row["hash"])[:12])
        for row in rows
    ]  # fmt: skip
    print_table(columns, shown)


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "time": entry.time,
        "actor": entry.actor,
        "reason": entry.reason,
        "source": entry.source,
        "rules": entry.rules,
        "added": entry.added_count,
        "removed": entry.removed_count,
        "redacts": {str(number): count for number, count in entry.redacts.items()},
        "previous": entry.previous,
        "hash": entry.hash,
    }


def show(
    number: Annotated[
        int, typer.Argument(metavar="N", help="Entry number, as `aims log` gives it.")
    ],
    fmt: Format = "table",
    everything: Annotated[
        bool, typer.Option("--all", help="Also print long changes whole.")
    ] = False,
) -> None:
    """One entry: its header and what it added (+) and removed (-)."""
    from aims_graph.workspace.history import find_entry

    choose(fmt, ["table", "json"], "--format")
    entry = find_entry(current.workspace().journal, number)
    payload = entry.load()
    if fmt == "json":
        lines = {
            "added_quads": [line.decode() for line in payload.added],
            "removed_quads": [line.decode() for line in payload.removed],
        }
        print_json({**_entry_json(entry), **lines})
        return
    for name, value in _entry_json(entry).items():
        if value not in ("", {}):
            console.print(f"{name:10} {value}", markup=False)
    _print_lines(payload.added, payload.removed, everything=everything)


def _print_lines(added: Lines, removed: Lines, *, everything: bool) -> None:
    for sign, lines, style in (("-", removed, "red"), ("+", added, "green")):
        shown = list(lines if everything else islice(lines, _SHOWN))
        for line in shown:
            console.print(f"{sign} {line.decode()}", markup=False, style=style)
        if len(shown) < len(lines):
            console.print(f"… and {len(lines) - len(shown)} more: --all prints them.")


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Entry number or date.")],
    after: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Entry number or date. Default: now.")
    ] = None,
    as_of: AsOf = None,
    findings: Annotated[
        bool, typer.Option("--findings/--no-findings", help="Also evaluate both moments.")
    ] = True,
    fmt: Format = "table",
    everything: Annotated[
        bool, typer.Option("--all", help="Also print long changes whole.")
    ] = False,
) -> None:
    """What changed between two moments: triples, findings, states of requirements.

    Both are judged by today's rules as of the same date, so only the data make the difference.
    """
    from aims_graph.workspace import Workspace
    from aims_graph.workspace.history import compare, difference

    choose(fmt, ["table", "json"], "--format")
    workspace = current.workspace()
    old = Workspace(workspace.path, at=before)
    new = workspace if after is None else Workspace(workspace.path, at=after)
    quads = difference(workspace.journal, old.at or 0, new.sequence)
    result = (
        compare(
            old.columns(),
            new.columns(),
            as_of=parse_date(as_of),
            ontology=ontology(),
            shapes=rules(),
        )
        if findings
        else None
    )
    if fmt == "json":
        print_json(
            {
                "before": old.at,
                "after": new.sequence,
                "added": [line.decode() for line in quads.added],
                "removed": [line.decode() for line in quads.removed],
                **({} if result is None else conformance_json(result)),
            }
        )
        return
    console.print(
        f"Entry {old.at} to {new.sequence}: {len(quads.added)} quads came, "
        f"{len(quads.removed)} went."
    )
    _print_lines(quads.added, quads.removed, everything=everything)
    if result is not None:
        print_finding_change(result.appeared, result.gone)
        print_states(result.states, title="Requirements whose state changed")


def at(
    context: typer.Context,
    moment: Annotated[
        str,
        typer.Argument(metavar="DATE|N", help="2026-06-30, 2026-06-30T12:00 or an entry number."),
    ],
) -> None:
    """Run another command on the workspace as it was: `aims at 2026-06-30 check`.

    The rules are today's; they are judged as of that day unless --as-of says otherwise.
    """
    from aims_graph.cli.app import app

    if not context.args:
        raise InputError("say what to do at that moment", hint="For instance: aims at 12 gaps")
    options = ["--at", moment]
    if current.path is not None:
        options += ["--workspace", str(current.path)]
    code = typer.main.get_command(app).main([*options, *context.args], standalone_mode=False)
    raise typer.Exit(code if isinstance(code, int) else 0)


def revert(
    number: Annotated[int, typer.Argument(metavar="N", help="Entry number.")],
    reason: Reason = "",
    actor: Actor = None,
) -> None:
    """Undo an entry by a new one. Nothing is erased."""
    from aims_graph.workspace.history import revert as undo

    result = undo(current.workspace(), number, reason=reason, actor=actor)
    if result.entry is None:
        console.print(f"Nothing of entry {number} is in effect any more.")
    else:
        console.print(
            f"Recorded as entry {result.entry.sequence}: {result.entry.added_count} triples added, "
            f"{result.entry.removed_count} removed."
        )
    if result.left:
        console.print(f"{result.left} of its changes had been undone by later entries.")
    if result.withheld:
        messages.print(f"{result.withheld} of its lines were redacted and cannot be taken back.")


def redact(
    things: Annotated[list[str], typer.Argument(metavar="IRI|TEXT...")],
    reason: Annotated[str, typer.Option(help="Why, for the journal; name nobody in it.")],
    actor: Actor = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase personal data from the present and from all entries; the chain stays verifiable.

    Every triple goes that holds one of the IRIs, or a literal with exactly one of the texts.
    """
    from aims_graph.workspace.redaction import longer_terms

    workspace = current.workspace()
    wanted = {_expand(thing) for thing in things}
    terms = workspace.terms_with_text(wanted)
    if not terms:
        raise InputError("nothing in the journal holds any of these")
    if not yes:
        for term in terms:
            messages.print(str(term), markup=False)
        typer.confirm("Erase every triple with one of these, for good?", abort=True)
    entry = workspace.redact(terms, reason=reason, actor=actor)
    if entry is None:
        raise InputError("nothing in the journal holds any of these")
    count = sum(entry.redacts.values())
    console.print(f"Recorded as entry {entry.sequence}: {count} lines withheld.")
    longer = longer_terms(workspace.journal, wanted)
    if longer:
        messages.print("These hold it inside and stay. Name them whole if they must go too:")
        for term in longer[:_SHOWN]:
            messages.print(f"  {term}", markup=False)
        if len(longer) > _SHOWN:
            messages.print(f"  … and {len(longer) - _SHOWN} more")
    console.print("Copies and backups made before still hold them: see docs/journal.md.")


def _expand(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
