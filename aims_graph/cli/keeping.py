"""verify, head, key, backup, restore, rebuild: keeping the record, and being able to show that it was kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aims_graph.cli.options import Output, choose
from aims_graph.cli.output import console, messages, print_json, write_or_print
from aims_graph.cli.state import current
from aims_graph.errors import InputError

if TYPE_CHECKING:
    from aims_graph.journal.heads import Head

HeadFile = Annotated[
    Path | None,
    typer.Option("--head", metavar="FILE", help="A head that was kept elsewhere (`aims head`)."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Public key that must have signed the head."),
]


def register(app: typer.Typer) -> None:
    for command in (verify, head, backup, restore, rebuild):
        app.command()(command)
    keys = typer.Typer(no_args_is_help=True, help="Keys that sign heads.")
    keys.command("new")(new_key)
    app.add_typer(keys, name="key")


def verify(
    head: HeadFile = None,
    key: KeyFile = None,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE", help="A backup, instead of the workspace."),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option("--proof", metavar="FILE", help="A proof of `aims prove`: needs only --head."),
    ] = None,
    old: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="The older head, for a proof between two."),
    ] = None,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """Check every byte of the record; with a head kept elsewhere, also that nothing was taken away,
    exchanged or written anew. Needs no network. Exit code 1 when something is wrong.
    """
    from aims_graph.journal.verification import verify as verify_journal
    from aims_graph.workspace.backup import verify_bundle

    choose(fmt, ["table", "json"], "--format")
    known = _read_head(head, key)
    if proof is not None:
        from aims_graph.cli.proving import verify_proof

        if known is None or bundle is not None:
            raise InputError("a proof is verified for a head alone", hint="Give --head FILE")
        good = verify_proof(proof, known, None if old is None else _read_head(old, key), fmt)
        raise typer.Exit(0 if good else 1)
    if old is not None:
        raise InputError("--from goes with --proof")
    if bundle is not None:
        result = verify_bundle(bundle, known)
    else:
        result = verify_journal(current.journal_folder(), known)
    found = result.head
    if fmt == "json":
        print_json(
            {
                "good": result.good,
                "entries": found.size,
                "root": found.root,
                "withheld_lines": result.withheld,
                "compared_with_head": None if known is None else known.size,
                "problems": result.problems,
                "notices": result.notices,
            }
        )
        raise typer.Exit(0 if result.good else 1)
    for notice in result.notices:
        messages.print(f"Note: {notice}", markup=False)
    for problem in result.problems:
        console.print(f"✘ {problem}", markup=False, style="bold red")
    if result.good:
        console.print(f"✔ {found.size} entries, none changed. Root {found.root}", markup=False)
        if result.withheld:
            console.print(f"  {result.withheld} lines were withheld by redactions on record.")
        if known is None:
            messages.print(
                "Note: without a head kept elsewhere, entries cut off at the end are not noticed."
            )
        else:
            signer = f"signed by {known.key}" if known.signature else "not signed"
            console.print(
                f"  It continues the head of {known.size} entries of {known.time}, {signer}."
            )
    raise typer.Exit(0 if result.good else 1)


def _read_head(file: Path | None, key: Path | None) -> "Head | None":
    from aims_graph.journal.keys import is_signed_by, read_head, read_public_key

    if file is None:
        if key is not None:
            raise InputError(
                "--key says who must have signed the head", hint="Give --head FILE too"
            )
        return None
    head = read_head(file)
    if key is not None and not is_signed_by(head, read_public_key(key)):
        raise InputError("the head is not signed by this key", file=file)
    return head


def head(
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="KEY", help="Sign it with this private key.")
    ] = None,
    output: Output = None,
) -> None:
    """The tree head: what to keep elsewhere, so that no change of the record goes unseen."""
    import json

    from aims_graph.journal.keys import sign as sign_head
    from aims_graph.journal.verification import verify as verify_journal

    checked = verify_journal(current.journal_folder())
    if not checked.good:
        raise InputError(checked.problems[0], hint="A damaged journal has no head")
    made = checked.head if sign is None else sign_head(checked.head, sign)
    write_or_print(json.dumps(made.to_json(), indent=2) + "\n", output)


def new_key(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Default: aims.key in ~/.config/aims/keys."),
    ] = None,
) -> None:
    """Make a key pair for signing heads. The private key must not stand in the workspace."""
    from aims_graph.journal.keys import create_key, key_folder

    path = file or key_folder() / "aims.key"
    if current.is_inside(path):
        raise InputError(
            "the key would stand in the workspace", file=path, hint="Keep it somewhere else"
        )
    public_file, name = create_key(path)
    console.print(f"Private key {path} (only you can read it)", markup=False)
    console.print(f"Public key  {public_file}: {name}", markup=False)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Tar file to write.")],
    service: Annotated[
        bool,
        typer.Option(
            help="With settings, keys and webhooks of the service; leave them out of what you hand on."
        ),
    ] = True,
) -> None:
    """Write the whole workspace, files of evidence included, and its head to one file."""
    from aims_graph.workspace.backup import backup as write_backup

    made = write_backup(current.workspace(), file, service=service)
    console.print(f"Wrote {file}: {made.size} entries, root {made.root}", markup=False)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of `aims backup`.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    head: HeadFile = None,
    key: KeyFile = None,
) -> None:
    """Make a workspace of a backup, after verifying it."""
    from aims_graph.workspace.backup import restore as restore_backup

    checked = restore_backup(file, folder, _read_head(head, key))
    console.print(f"Restored {checked.head.size} entries to {folder.absolute()}", markup=False)


def rebuild() -> None:
    """Make the views from the journal again."""
    workspace = current.workspace()
    gone = workspace.rebuild()
    console.print(
        f"Made the views of entry {workspace.sequence} again: {len(workspace.columns())} triples."
    )
    for path in gone:
        console.print(f"Deleted {path}, which no entry names", markup=False)
