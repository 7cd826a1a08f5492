"""Findings on the screen: one by one as paragraphs, many of them by rule."""

from collections.abc import Sequence

from rich.text import Text

from aims_graph.assessment import SEVERITIES, Assessment, Finding, Rule, State
from aims_graph.characters import reveal
from aims_graph.cli.output import console, print_paragraph, print_table, state_text

#: With more findings than this a table shows groups.
MANY = 200
_EXAMPLES = 3


def print_finding(assessment: Assessment, finding: Finding) -> None:
    """What it is against and about; what is wrong and what to do; whose it is, and the rule."""
    label = assessment.data.label
    head = [", ".join(assessment.numbers(finding)), finding.severity, ""]
    title = Text("  ".join(head).lstrip(), style="bold")
    title.append_text(state_text(finding.state, finding.progress))
    title.append("  " + reveal(label(finding.focus)))
    owner = f"Owner: {label(finding.owner)}. " if finding.owner is not None else ""
    print_paragraph(title, finding.advice, f"{owner}Rule: {finding.rule.name}")


def print_groups(assessment: Assessment, findings: Sequence[Finding]) -> None:
    """A row a rule: the gravest severity first, then what is known not to be met, then the most findings."""
    by_rule: dict[tuple[Rule, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.rule, finding.severity), []).append(finding)

    def weight(item: tuple[tuple[Rule, str], list[Finding]]) -> tuple[int, int, int]:
        (_, severity), group = item
        return _rank(severity), -sum(f.state is State.NOT_MET for f in group), -len(group)

    rows = [
        (
            ", ".join(dict.fromkeys(n for f in group for n in assessment.numbers(f))),
            severity,
            len(group),
            sum(f.state is State.NOT_MET for f in group),
            sum(f.state is State.UNKNOWN for f in group),
            rule.says or group[0].message,
            _examples(assessment, group),
            rule.name,
        )
        for (rule, severity), group in sorted(by_rule.items(), key=weight)
    ]
    columns = (
        "Requirement", "Severity", "Findings", "Not met", "Unknown", "What to do", "Such as", "Rule"
    )  # fmt: skip
    print_table(columns, rows)
    console.print(
        f"More than {MANY} findings are shown by rule. All of them, one by one: "
        "--format markdown, json or sarif, with --output FILE."
    )


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def _examples(assessment: Assessment, group: list[Finding]) -> str:
    nodes = list(dict.fromkeys(finding.focus for finding in group))
    shown = ", ".join(assessment.data.label(node) for node in nodes[:_EXAMPLES])
    return shown + (f" and {len(nodes) - _EXAMPLES} more" if len(nodes) > _EXAMPLES else "")
