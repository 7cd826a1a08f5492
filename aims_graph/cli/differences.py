"""How findings and states of requirements differ between two moments, for all commands that show it."""

from typing import TYPE_CHECKING

from aims_graph.assessment import Finding
from aims_graph.cli.output import console, print_table, state_text
from aims_graph.columns.reader import local_name

if TYPE_CHECKING:
    from aims_graph.workspace.history import Conformance, StateChange

_SHOWN = 50


def conformance_json(result: "Conformance") -> dict[str, object]:
    return {
        "findings_appeared": [finding_row(finding) for finding in result.appeared],
        "findings_gone": [finding_row(finding) for finding in result.gone],
        "states": [
            {"requirement": c.number, "title": c.title, "before": str(c.before), "after": str(c.after)}
            for c in result.states
        ],
    }  # fmt: skip


def finding_row(finding: Finding) -> dict[str, str]:
    """What can be said of a finding without the graph it was found in."""
    return {
        "rule": finding.rule.name,
        "severity": finding.severity,
        "state": str(finding.state),
        "focus_node": str(getattr(finding.focus, "value", finding.focus)),
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }


def print_finding_change(
    appeared: list[Finding], gone: list[Finding], *, foreseen: bool = False
) -> None:
    """``foreseen``: of a change that is not made."""
    come, go = ("would appear", "would go") if foreseen else ("appeared", "are gone")
    for title, found in ((f"Findings that {come}", appeared), (f"Findings that {go}", gone)):
        if found:
            rows = [
                (f.severity, f.rule.name, local_name(f.focus), f.message) for f in found[:_SHOWN]
            ]
            print_table(("Severity", "Rule", "Where", "What to do"), rows, title=title)
            if len(found) > _SHOWN:
                console.print(f"… and {len(found) - _SHOWN} more: --format json shows all.")
    console.print(f"{len(appeared)} findings {come}, {len(gone)} {go}.")


def print_states(states: "list[StateChange]", *, title: str) -> None:
    if states:
        print_table(
            ("Requirement", "Title", "Before", "After"),
            [
                (c.number, c.title, state_text(str(c.before)), state_text(str(c.after)))
                for c in states
            ],
            title=title,
        )
