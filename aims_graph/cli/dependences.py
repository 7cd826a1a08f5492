"""matrix, coverage, orphans, critical: what requirements hang on, and what hangs on nothing."""

import json
from typing import Annotated

import typer

from aims_graph.assessment import judge_matrix, read_requirements
from aims_graph.cli.graph import graph_with_ontology, load_assessment
from aims_graph.cli.options import (
    AsOf,
    Data,
    Engine,
    Format,
    Mapping,
    Output,
    choose,
    parse_date,
    refuse_table_file,
)
from aims_graph.cli.output import console, print_json, print_table, state_text, write_or_print
from aims_graph.columns.reader import Reader, Term
from aims_graph.trace import Dependences, find_loose_ends

_FORMATS = ("table", "json")


def register(app: typer.Typer) -> None:
    for command in (matrix, coverage, orphans, critical):
        app.command()(command)


def matrix(
    fmt: Annotated[str, typer.Option("--format", help="table, json, html, svg")] = "table",
    data: Data = None,
    mapping: Mapping = None,
    as_of: AsOf = None,
    output: Output = None,
    engine: Engine = "columns",
) -> None:
    """Every requirement by every AI system, with the state in each cell."""
    choose(fmt, (*_FORMATS, "html", "svg"), "--format")
    refuse_table_file(fmt, ("html", "svg"), output)
    assessment = load_assessment(data, parse_date(as_of), engine=engine, mapping=mapping)
    from aims_graph.views import cell_state, write_heat_map_page, write_heat_map_svg

    judged, reader = judge_matrix(assessment), assessment.data
    if fmt in ("html", "svg"):
        write = write_heat_map_page if fmt == "html" else write_heat_map_svg
        write_or_print(write(judged, reader, as_of=assessment.as_of), output)
        return
    names = [reader.label(system) for system in judged.systems]
    columns = (None, *judged.systems)
    rows = [
        (requirement, [cell_state(judged, requirement, system) for system in columns])
        for requirement in judged.requirements
    ]
    if fmt == "json":
        rows_json = [
            {
                "requirement": requirement.number,
                "title": requirement.title,
                "state": states[0],
                "systems": [
                    {"system": system.value, "name": name, "state": state or None}
                    for system, name, state in zip(judged.systems, names, states[1:], strict=True)
                ],
            }
            for requirement, states in rows
        ]
        write_or_print(json.dumps(rows_json, indent=2, ensure_ascii=False), output)  # fmt: skip
        return
    print_table(
        ("Requirement", "Title", "Whole AIMS", *names),
        [
            (r.number, r.title, *(state_text(state) if state else "·" for state in states))
            for r, states in rows
        ],
    )
    console.print("· = no rule judges this requirement system by system")


def coverage(
    fmt: Format = "table", data: Data = None, mapping: Mapping = None, as_of: AsOf = None
) -> None:
    """What stands behind each requirement: what carries it out, evidence, owners, systems."""
    choose(fmt, _FORMATS, "--format")
    assessment = load_assessment(data, parse_date(as_of), engine="columns", mapping=mapping)
    reader = assessment.data
    rows = Dependences(reader.columns, list(assessment.requirements)).coverage()
    states: dict[Term, str] = {r.iri: str(c.state) for r, c in assessment.by_requirement.items()}
    numbers: dict[Term, str] = {iri: r.number for iri, r in assessment.requirements.items()}
    if fmt == "json":
        print_json([
            {
                "requirement": numbers[row.requirement],
                "state": states[row.requirement],
                "carriedOutBy": [t.value for t in row.carried_out_by],
                "evidence": [t.value for t in row.evidence],
                "owners": [t.value for t in row.owners],
                "systems": [t.value for t in row.systems],
                "missing": list(row.missing),
            }
            for row in rows
        ])  # fmt: skip
        return
    print_table(
        ("Requirement", "State", "Carried out by", "Evidence", "Owners", "Systems", "Nothing says"),
        [
            (
                numbers[row.requirement],
                state_text(states[row.requirement]),
                len(row.carried_out_by),
                len(row.evidence),
                len(row.owners),
                len(row.systems),
                ", ".join(row.missing),
            )
            for row in rows
        ],
    )
    covered = sum(not row.missing for row in rows)
    console.print(
        f"{covered} of {len(rows)} requirements lead to what carries them out, evidence and an owner."
    )


def orphans(
    fmt: Format = "table", data: Data = None, mapping: Mapping = None, as_of: AsOf = None
) -> None:
    """Things that hang on nothing, that no requirement leads to, or that nobody answers for."""
    choose(fmt, _FORMATS, "--format")
    graph = graph_with_ontology(data, parse_date(as_of), mapping)
    ends = find_loose_ends(graph)
    if fmt == "json":
        print_json([
            {"thing": e.thing.value, "name": e.label, "kind": e.kind, "problem": e.problem}
            for e in ends
        ])  # fmt: skip
        return
    print_table(("Problem", "Kind", "Thing"), [(e.problem, e.kind, e.label) for e in ends])
    console.print(f"{len(ends)} loose ends.")


def critical(
    fmt: Format = "table", data: Data = None, mapping: Mapping = None, as_of: AsOf = None
) -> None:
    """Single points of failure: owners, evidence, suppliers and controls that much hangs on."""
    choose(fmt, _FORMATS, "--format")
    graph = graph_with_ontology(data, parse_date(as_of), mapping)
    reader = Reader(graph)
    numbers: dict[Term, str] = {iri: r.number for iri, r in read_requirements(reader).items()}
    found = Dependences(graph, list(numbers))
    points, controls = found.single_points(), found.critical_controls()
    if fmt == "json":
        print_json({
            "singlePoints": [
                {
                    "thing": p.thing.value,
                    "name": reader.label(p.thing),
                    "role": p.role,
                    "requirements": [numbers[r] for r in p.requirements],
                    "alone": [numbers[r] for r in p.alone],
                }
                for p in points
            ],
            "controls": [
                {
                    "control": numbers[c.control],
                    "risks": [r.value for r in c.risks],
                    "alone": [r.value for r in c.alone],
                    "systems": [s.value for s in c.systems],
                }
                for c in controls
            ],
        })  # fmt: skip
        return
    print_table(
        ("Role", "Thing", "Requirements", "Alone for"),
        [
            (
                p.role,
                reader.label(p.thing),
                len(p.requirements),
                ", ".join(numbers[r] for r in p.alone),
            )
            for p in points
            if p.alone
        ],
        title="Requirements that hang on one owner, one piece of evidence or one supplier",
    )
    print_table(
        ("Control", "Risks treated", "Risks it treats alone", "AI systems"),
        [
            (
                numbers[c.control],
                len(c.risks),
                ", ".join(reader.label(r) for r in c.alone),
                ", ".join(reader.label(s) for s in c.systems),
            )
            for c in controls
        ],
        title="Controls that treat risks",
    )
