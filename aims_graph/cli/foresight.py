"""what-if: what a change would do to findings and requirements, before anybody makes it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aims_graph.cli.differences import conformance_json, print_finding_change, print_states
from aims_graph.cli.graph import expand, ontology, rules
from aims_graph.cli.options import AsOf, Format, Mapping, choose, parse_date
from aims_graph.cli.output import console, print_json
from aims_graph.cli.progress import progress
from aims_graph.cli.questions import Timeout, read_own_text
from aims_graph.cli.state import current
from aims_graph.errors import InputError
from aims_graph.ingest import ingest as read_files
from aims_graph.sparql import Limits

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from aims_graph.workspace import Workspace

_UPDATES = {".ru", ".rq", ".sparql"}


def register(app: typer.Typer) -> None:
    app.command("what-if")(what_if)


def what_if(
    patch: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATCH]", help="A file to add (RDF, AIMS YAML, a table), or a SPARQL update."
        ),
    ] = None,
    remove: Annotated[
        list[Path] | None,
        typer.Option("--remove", metavar="FILE", help="RDF to take away. May be repeated."),
    ] = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    fmt: Format = "table",
    timeout: Timeout = 60.0,
) -> None:
    """Show the findings that a change would bring and end, and the requirements whose state would change.
    Nothing is written.
    """
    from aims_graph.workspace.what_if import everywhere, foresee

    choose(fmt, ("table", "json"), "--format")
    if patch is None and not remove:
        raise InputError("say what to add or remove", hint="Name a file, or --remove FILE")
    day = parse_date(as_of)
    workspace = current.workspace()
    update = _update_in(patch)
    if update is not None:
        added, removed = _evaluate_update(workspace, update, timeout)
    else:
        files = [] if patch is None else expand([Path(patch)])
        added, removed = read_files(files, mapping=mapping).quads if files else [], []
    if remove:
        removed += everywhere(workspace, read_files(expand(remove)).quads)
    with progress("Evaluating rules"):
        result = foresee(workspace, added, removed, ontology=ontology(), shapes=rules(), as_of=day)
        refused = _refusal(workspace, added, removed)
    if fmt == "json":
        print_json({
            "added": len(result.added),
            "removed": len(result.removed),
            "refused": refused,
            **conformance_json(result.conformance),
        })  # fmt: skip
        return
    console.print(
        f"{len(result.added)} triples would come, {len(result.removed)} would go "
        f"(as of {day.isoformat()}). Nothing was written."
    )
    print_finding_change(result.conformance.appeared, result.conformance.gone, foreseen=True)
    print_states(result.conformance.states, title="Requirements whose state would change")
    if refused is not None:
        console.print(f"The change would be refused today: {refused}", markup=False, style="red")


def _refusal(workspace: "Workspace", added: "list[Quad]", removed: "list[Quad]") -> str | None:
    """Why the workspace would not take the change: its policy, or what is signed off."""
    from aims_graph.workspace import CommitBlockedError, SignedOffError

    if workspace.at is not None:
        return None  # the past takes no change
    try:
        workspace.check(added, removed)
    except (CommitBlockedError, SignedOffError) as error:
        return str(error)
    return None


def _update_in(patch: str | None) -> str | None:
    """The SPARQL of the argument, unless it names a file of another kind."""
    if patch is None or (Path(patch).exists() and Path(patch).suffix.lower() not in _UPDATES):
        return None
    return read_own_text(patch)


def _evaluate_update(
    workspace: "Workspace", text: str, seconds: float
) -> "tuple[list[Quad], list[Quad]]":
    from aims_graph.sparql.update import evaluate_text
    from aims_graph.workspace.index import SparqlIndex

    if workspace.at is not None:
        raise InputError(
            "updates are worked out on the present", hint="Leave --at out, or name RDF files"
        )
    with progress("Evaluating the update"):
        folder = SparqlIndex(workspace).refresh()
        change = evaluate_text(text, folder, limits=Limits(seconds=seconds))
    return change.added, change.removed
