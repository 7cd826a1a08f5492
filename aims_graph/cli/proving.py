"""prove: what somebody who has only a head can be shown of the record, and be sure of."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aims_graph.cli.options import Output
from aims_graph.cli.output import console, messages, print_json, write_or_print
from aims_graph.cli.state import current
from aims_graph.errors import InputError

if TYPE_CHECKING:
    from aims_graph.journal.heads import Head


def register(app: typer.Typer) -> None:
    app.command()(prove)


def prove(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Entry number: proves that it is recorded.")
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="Head to prove it for. Default: the present."),
    ] = None,
    old: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Prove that the record continues this head."),
    ] = None,
    new: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="… up to this one. Default: now.")
    ] = None,
    content: Annotated[
        bool, typer.Option("--content", help="With the lines that the entry added and removed.")
    ] = False,
    output: Output = None,
) -> None:
    """Write a proof for somebody who has a head but not the record: that entry N is part of it, or that
    one head continues another (RFC 9162). `aims verify --proof` checks it.
    """
    from aims_graph.journal import Journal
    from aims_graph.journal.keys import read_head
    from aims_graph.journal.proofs import prove_consistency, prove_inclusion

    if (number is None) == (old is None):
        raise InputError(
            "say what to prove", hint="`aims prove 12` or `aims prove --from OLD --to NEW`"
        )
    if (old is None and new is not None) or (number is None and (head or content)):
        raise InputError("--head and --content go with an entry, --to goes with --from")
    journal = Journal(current.journal_folder())
    if number is not None:
        known = None if head is None else read_head(head)
        proof = prove_inclusion(journal, number, known, content=content)
    else:
        assert old is not None
        proof = prove_consistency(journal, read_head(old), None if new is None else read_head(new))
    write_or_print(json.dumps(proof, indent=2, ensure_ascii=False) + "\n", output)
    if (head or new) is None:
        messages.print(
            f"Note: it holds for a head of {proof['size']} entries, such as `aims head` makes now."
        )


def verify_proof(file: Path, head: "Head", old: "Head | None", fmt: str) -> bool:
    """Prints what a proof shows, or why it shows nothing."""
    from aims_graph.journal.proofs import CONSISTENCY, examine, read_proof

    result = examine(read_proof(file), head, old)
    entry = result.entry
    if fmt == "json":
        print_json(
            {
                "good": result.good,
                "kind": result.kind,
                "entries": head.size,
                "entry": dict(entry) or None,
                "lines": result.lines,
                "problems": result.problems,
            }
        )
        return result.good
    for problem in result.problems:
        console.print(f"✘ {problem}", markup=False, style="bold red")
    if not result.good:
        return False
    signer = f"signed by {head.key}" if head.signature else "not signed"
    if result.kind == CONSISTENCY and old is not None:
        console.print(
            f"✔ The head of {head.size} entries ({signer}) continues that of {old.size}: "
            "none of them was changed or left out."
        )
        return True
    console.print(
        f"✔ Entry {entry['sequence']} is one of the {head.size} that the head was made of ({signer}).",
        markup=False,
    )
    for name in ("time", "actor", "reason", "source"):
        console.print(f"  {name:7} {entry[name]}", markup=False)
    if result.lines is not None:
        console.print(f"  Its {result.lines} lines are those that were recorded.")
    return True
