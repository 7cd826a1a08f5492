"""Commands put together; errors turned into messages and exit codes (0 fine, 1 findings, 2 wrong input)."""

import gc
import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from aims_graph import __version__
from aims_graph.cli.output import messages
from aims_graph.cli.parameters import Command, Group
from aims_graph.cli.state import current
from aims_graph.errors import InputError

# The modules of this package and the commands each has. A call imports the one it needs: most of the time
# a short command takes is imports.
MODULES: dict[str, tuple[str, ...]] = {
    "setup": ("init", "export"),
    "demonstration": ("demo",),
    "ingest": ("ingest",),
    "assess": ("check", "status", "gate"),
    "documents": ("gaps", "soa"),
    "define": ("rules",),
    "reasoning": ("why", "infer"),
    "questions": ("query", "update"),
    "connect": ("connect",),
    "tracing": ("trace", "lineage"),
    "dependences": ("matrix", "coverage", "orphans", "critical"),
    "consequences": ("path", "impact"),
    "foresight": ("what-if",),
    "history": ("log", "show", "diff", "revert", "redact", "at"),
    "proving": ("prove",),
    "keeping": ("verify", "head", "backup", "restore", "rebuild", "key"),
}

app = typer.Typer(
    name="aims",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Governance engine for an AI management system (ISO/IEC 42001).",
)


def modules_for(words: list[str]) -> list[str]:
    """The module with the first command among the words; all of them for help, a typo and ``at``."""
    for word in words:
        for module, commands in MODULES.items():
            if word in commands:
                return list(MODULES) if word == "at" else [module]
    return list(MODULES)


def register(modules: list[str]) -> None:
    for module in modules:
        importlib.import_module(f"aims_graph.cli.{module}").register(app)
    for command in app.registered_commands:
        command.cls = Command


@app.callback()
def _global(
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            envvar="AIMS_WORKSPACE",
            metavar="DIR",
            help="Workspace folder. Default: the current folder.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="DATE|N",
            help="Look at the workspace as it was then; nothing is written.",
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if _version:
        print(f"aims {__version__}")
        raise typer.Exit
    current.path, current.at = workspace, at
    current.opened = None


def run() -> None:
    """Runs the command line; InputError and unreadable files end in exit code 2."""
    # Next to nothing of what a command makes is garbage in cycles, and to look for some every 700 objects takes a tenth
    # of a short run.
    gc.set_threshold(50_000, 20, 50)
    register(modules_for(sys.argv[1:]))
    try:
        app()
    except InputError as error:
        # Only now: most calls that name files need no workspace.
        from aims_graph.workspace import CommitBlockedError

        if isinstance(error, CommitBlockedError):
            from aims_graph.cli.differences import print_finding_change

            print_finding_change(list(error.findings), [], foreseen=True)
            messages.print(f"Nothing was written: {error}", markup=False, style="red")
            sys.exit(1)
        messages.print(f"Error: {error}", markup=False, style="red")
        sys.exit(2)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        messages.print(f"Error: {error.filename}: {error.strerror}", markup=False, style="red")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        for notice in current.notices():
            messages.print(f"Note: {notice}", markup=False)


__all__ = ["app", "run"]
