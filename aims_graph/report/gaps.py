"""Gap analysis: where conformity stands, by clause, control, system or rule."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from aims_graph.assessment import Assessment, Conformity, read_statement
from aims_graph.assessment.findings import literal
from aims_graph.assessment.requirements import CLAUSE
from aims_graph.report.statement import sections
from aims_graph.report.tables import Table

Row = dict[str, object]


def _counts(result: Conformity) -> Row:
    return {
        "state": str(result.state),
        "met": result.met,
        "not_met": result.not_met,
        "in_progress": result.in_progress,
        "unknown": result.unknown,
        "warnings": result.warnings,
        "reason": result.reason,
    }


# What a control's state rests on, in the order in which each rests on the one before.
CONTROL_STATES = ("declared", "implemented", "evidenced", "evidence_current", "effective")


def _clause_rows(assessment: Assessment) -> Iterable[Row]:
    for requirement, result in assessment.by_requirement.items():
        if requirement.kind == CLAUSE:
            row: Row = {"requirement": requirement.number, "title": requirement.title}
            yield row | _counts(result) | {"owners": _owners(assessment, result)}


def _control_rows(assessment: Assessment) -> Iterable[Row]:
    for control in read_statement(assessment):
        result = assessment.by_requirement[control.requirement]
        row: Row = {
            "requirement": control.requirement.number,
            "title": control.requirement.title,
            "applicable": control.applicable,
        }
        reached: Row = dict(zip(CONTROL_STATES, control.reached, strict=True))
        yield row | reached | _counts(result) | {"owners": _owners(assessment, result)}


def _owners(assessment: Assessment, result: Conformity) -> list[str]:
    owners = {f.owner for f in result.findings if f.counts and f.owner is not None}
    return sorted(assessment.data.label(owner) for owner in owners)


def _system_rows(assessment: Assessment) -> Iterable[Row]:
    for system, result in assessment.by_system.items():
        yield {
            "system": literal(system),
            "title": assessment.data.label(system),
            **_counts(result),
            "requirements_not_met": _numbers(assessment, result),
        }


def _numbers(assessment: Assessment, result: Conformity) -> list[str]:
    sets = {f.requirements for f in result.findings if f.counts}  # far fewer than findings
    found = set().union(*sets)
    return [r.number for iri, r in assessment.requirements.items() if iri in found]


def _rule_rows(assessment: Assessment) -> Iterable[Row]:
    for rule, result in assessment.by_rule.items():
        numbers = [
            assessment.requirements[iri].number
            for iri in rule.requirements
            if iri in assessment.requirements
        ]
        row: Row = {"rule": rule.name, "title": rule.says, "requirements": numbers}
        yield row | _counts(result)


GROUPINGS: Mapping[str, Callable[[Assessment], Iterable[Row]]] = {
    "clause": _clause_rows,
    "control": _control_rows,
    "system": _system_rows,
    "rule": _rule_rows,
}


def gap_rows(assessment: Assessment, by: str, *, with_iso_text: bool = False) -> list[Row]:
    """One row a clause, control, system or rule; ``state`` is met, not met or unknown.

    ``with_iso_text`` adds what the organization's licensed copy of the standard says to each clause and
    control: rows are often passed on, and that text may not be.
    """
    rows = list(GROUPINGS[by](assessment))
    if with_iso_text and by in ("clause", "control"):
        texts = {r.number: r.licensed_text for r in assessment.requirements.values()}
        rows = [row | {"licensed_text": texts[str(row["requirement"])]} for row in rows]
    return rows


def gap_table(
    assessment: Assessment,
    by: Sequence[str],
    subtitle: str,
    *,
    with_iso_text: bool = False,
    made: datetime | None = None,
) -> Table:
    """The rows of these groupings below each other, with the columns that they share."""
    parts = [gap_rows(assessment, name, with_iso_text=with_iso_text) for name in by]
    rows = [row for part in parts for row in part]
    keys = [key for key in (rows[0] if rows else ()) if all(key in row for row in rows)]
    numbers = [str(row["requirement"]) for row in rows if "requirement" in row]
    return Table(
        "Gap report, ISO/IEC 42001:2023",
        subtitle,
        tuple(key.replace("_", " ").capitalize() for key in keys),
        [[row[key] for key in keys] for row in rows],
        sections(assessment, numbers),
        made,
    )


__all__ = ["GROUPINGS", "Row", "gap_rows", "gap_table"]
