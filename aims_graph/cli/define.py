"""rules: what is checked, for which requirement, and why something is not."""

from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

import typer
from pyoxigraph import NamedNode

from aims_graph.assessment import LICENSED_TEXT, Requirement, Rule, read_requirements, read_rules
from aims_graph.cli.graph import ontology
from aims_graph.cli.graph import rules as shapes_graph
from aims_graph.cli.options import WithIsoText, choose
from aims_graph.cli.output import console, print_json, print_paragraph, print_table
from aims_graph.columns.reader import Reader, local_name
from aims_graph.errors import InputError
from aims_graph.shacl import compile_shapes
from aims_graph.vocabulary import AIMS


def register(app: typer.Typer) -> None:
    app.command()(rules)


def rules(
    clause: Annotated[
        str | None, typer.Argument(help="A clause or control, such as 6.1.3 or A.7; default: all.")
    ] = None,
    fmt: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    plan: Annotated[bool, typer.Option("--plan", help="Show the compiled plan instead.")] = False,
    with_iso_text: WithIsoText = False,
) -> None:
    """The rules, by requirement."""
    choose(fmt, ["table", "json"], "--format")
    shapes = shapes_graph()
    if plan:
        console.print(compile_shapes(shapes).describe(), markup=False)
        return
    reader = Reader(ontology())
    requirements = read_requirements(reader)
    chosen = [r for r in requirements.values() if clause is None or _within(r.number, clause)]
    if not chosen:
        raise InputError(f"{clause!r} is no clause or control of ISO/IEC 42001")
    found = list(read_rules(Reader(shapes)).values())
    rows = [
        row | ({"licensed_text": requirement.licensed_text} if with_iso_text else {})
        for requirement in chosen
        for row in _rows(reader, requirement, _serving(found, requirement))
    ]
    if fmt == "json":
        print_json(rows)
        return
    if console.is_terminal:
        _print_paragraphs(rows)
    else:
        _print_table(rows)
    if clause is not None or with_iso_text:
        print_iso_text(chosen)


def _print_paragraphs(rows: list[dict[str, str]]) -> None:
    """For people: sentences in narrow columns are hard to read."""
    for requirement, group in groupby(rows, key=lambda row: row["requirement"]):
        for number, row in enumerate(group):
            if number == 0:
                console.print(f"{requirement} {row['title']}", style="bold underline", markup=False)
            about = ", ".join(filter(None, (row["severity"], row["level"])))
            heading = f"{row['rule']} ({about})" if row["rule"] else ""
            print_paragraph(heading, row["message"], row["remedy"])


def _print_table(rows: list[dict[str, str]]) -> None:
    columns = ("Requirement", "Title", "Rule", "Severity", "Applies to", "Says", "How to mend it")
    print_table(columns, [tuple(row.values())[: len(columns)] for row in rows])


def print_iso_text(requirements: Iterable[Requirement]) -> None:
    """What the organization's own copy of the standard says, where it has laid it over ours."""
    rows = [(r.number, r.title, r.licensed_text) for r in requirements if r.licensed_text]
    if rows:
        print_table(("Requirement", "Title", "Text"), rows, title=LICENSED_TEXT)


def _within(number: str, wanted: str) -> bool:
    return number == wanted or number.startswith(wanted + ".")


def _serving(found: Iterable[Rule], requirement: Requirement) -> list[Rule]:
    """The requirement's own rules, then those common to all controls."""
    own = [rule for rule in found if requirement.iri in rule.requirements]
    common = [rule for rule in found if rule.requirement_path and requirement.kind == "control"]
    return [*own, *(rule for rule in common if rule not in own)]


def _rows(reader: Reader, requirement: Requirement, found: list[Rule]) -> list[dict[str, str]]:
    if not found:
        reason = requirement.not_judged_because
        return [_row(requirement, "", "", "", f"No rule: {reason}", "")]
    return [
        _row(
            requirement,
            rule.name,
            local_name(rule.severity).lower(),
            _level(reader, rule),
            rule.says,
            rule.remedy,
        )
        for rule in sorted(found, key=lambda rule: rule.name)
    ]


def _level(reader: Reader, rule: Rule) -> str:
    if not rule.level:
        return ""
    label = reader.label(NamedNode(AIMS + rule.level))
    return label[0].lower() + label[1:]


def _row(
    requirement: Requirement, rule: str, severity: str, level: str, message: str, remedy: str
) -> dict[str, str]:
    return {
        "requirement": requirement.number,
        "title": requirement.title,
        "rule": rule,
        "severity": severity,
        "level": level,
        "message": message,
        "remedy": remedy,
    }
