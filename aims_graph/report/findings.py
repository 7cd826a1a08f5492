"""Findings for people and for tools: JSON, SARIF 2.1.0, JUnit XML, Markdown."""

import json
from collections.abc import Callable, Iterable
from xml.etree import ElementTree as ET

from aims_graph import __version__
from aims_graph.assessment import Assessment, Finding
from aims_graph.assessment.findings import literal
from aims_graph.characters import reveal
from aims_graph.report.cells import safe_cell

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {"violation": "error", "warning": "warning", "info": "note"}


def finding_json(assessment: Assessment, finding: Finding) -> dict[str, object]:
    """One finding with the keys of the JSON report. ``requirement`` is the first of ``requirements``."""
    numbers = assessment.numbers(finding)
    return {
        "requirement": numbers[0] if numbers else None,
        "requirements": numbers,
        "rule": finding.rule.name,
        "shape": literal(finding.rule.shape),
        "focus_node": literal(finding.focus),
        "focus_label": assessment.data.label(finding.focus),
        "path": finding.path or None,
        "value": literal(finding.value),
        "severity": finding.severity,
        "state": str(finding.state),
        "progress": finding.progress or None,
        "message": finding.message,
        "remedy": finding.rule.remedy or finding.message,
        "owner": literal(finding.owner),
        "owner_label": None if finding.owner is None else assessment.data.label(finding.owner),
        "systems": [literal(system) for system in finding.systems],
        "fingerprint": finding.fingerprint,
    }


def _json(assessment: Assessment) -> str:
    return json.dumps(
        {
            "conforms": assessment.report.conforms,
            "as_of": assessment.as_of,
            "state": str(assessment.overall),
            "findings": [finding_json(assessment, finding) for finding in assessment.findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def _sarif(assessment: Assessment) -> str:
    """SARIF 2.1.0 (OASIS): one result a finding, the focus node as logical location."""
    rules = {finding.rule.name: finding.rule for finding in assessment.findings}
    order = {name: index for index, name in enumerate(rules)}
    return json.dumps(
        {
            "$schema": _SARIF_SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "AIMS Graph",
                            "version": __version__,
                            "rules": [
                                {
                                    "id": name,
                                    "shortDescription": {"text": rule.says or name},
                                    "help": {"text": rule.remedy or rule.says or name},
                                }
                                for name, rule in rules.items()
                            ],
                        }
                    },
                    "results": [_sarif_result(assessment, f, order) for f in assessment.findings],
                }
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def _sarif_result(
    assessment: Assessment, finding: Finding, order: dict[str, int]
) -> dict[str, object]:
    return {
        "ruleId": finding.rule.name,
        "ruleIndex": order[finding.rule.name],
        "level": _SARIF_LEVELS.get(finding.severity, "warning"),
        "message": {"text": finding.message},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": assessment.data.label(finding.focus),
                        "fullyQualifiedName": literal(finding.focus),
                    }
                ]
            }
        ],
        "partialFingerprints": {"aimsFinding/v1": finding.fingerprint},
        "properties": {
            "requirements": assessment.numbers(finding),
            "state": str(finding.state),
            "path": finding.path,
        },
    }


def _junit(assessment: Assessment) -> str:
    """JUnit XML: a suite a requirement, a case a rule; a rule with violations is a failure, unknown is skipped.

    Rules that serve no requirement, as somebody's own may, have a suite of their own.
    """
    root = ET.Element("testsuites", name=f"ISO/IEC 42001 as of {assessment.as_of}")
    for requirement, result in assessment.by_requirement.items():
        names = [
            rule.name for rule in assessment.rules.values() if requirement.iri in rule.requirements
        ]
        title = f"{requirement.number} {requirement.title}"
        _suite(root, assessment, (title, requirement.number), names, result.findings)
    if others := [finding for finding in assessment.findings if not finding.requirements]:
        _suite(root, assessment, ("Rules without requirement", "other"), [], others)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(
    root: ET.Element,
    assessment: Assessment,
    title: tuple[str, str],
    rules: Iterable[str],
    findings: Iterable[Finding],
) -> None:
    """``title``: name of the suite, and of the class of its cases. ``rules``: cases also without finding."""
    suite = ET.SubElement(root, "testsuite", name=title[0])
    by_rule: dict[str, list[Finding]] = {name: [] for name in rules}
    for finding in findings:
        by_rule.setdefault(finding.rule.name, []).append(finding)
    failures = skipped = 0
    for name, found in by_rule.items():
        case = ET.SubElement(suite, "testcase", classname=title[1], name=name)
        counted = [finding for finding in found if finding.counts]
        failed = [finding for finding in counted if finding.state == "not met"]
        if failed:
            failures += 1
            failure = ET.SubElement(case, "failure", message=_xml(failed[0].message))
            failure.text = "\n".join(_xml(_line(assessment, f)) for f in failed)
        elif counted:
            skipped += 1
            ET.SubElement(case, "skipped", message=_xml("unknown: " + counted[0].message))
    suite.set("tests", str(len(by_rule)))
    suite.set("failures", str(failures))
    suite.set("skipped", str(skipped))


def _xml(text: str) -> str:
    """Without the control characters that XML 1.0 cannot carry."""
    return "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in text)


def _line(assessment: Assessment, finding: Finding) -> str:
    return f"{assessment.data.label(finding.focus)}: {finding.message}"


def _markdown(assessment: Assessment) -> str:
    lines = [
        f"# Findings as of {assessment.as_of}",
        "",
        f"State: **{assessment.overall}**. Findings: {len(assessment.findings)}.",
        "",
        "| Requirement | Severity | State | Where | What to do | Owner | Fingerprint |",
        "|---|---|---|---|---|---|---|",
    ]
    for finding in assessment.findings:
        state = f"{finding.state} ({finding.progress})" if finding.progress else str(finding.state)
        cells = (
            ", ".join(assessment.numbers(finding)),
            finding.severity,
            state,
            assessment.data.label(finding.focus),
            finding.advice,
            "" if finding.owner is None else assessment.data.label(finding.owner),
            finding.fingerprint,
        )
        lines.append("| " + " | ".join(markdown_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def markdown_cell(text: str) -> str:
    """A table cell: no pipes, no line breaks, no markup of its own, nothing unseen, no formula."""
    text = str(safe_cell(" ".join(reveal(text).split())))
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, "\\" + mark)
    return text


def _turtle(assessment: Assessment) -> str:
    """A standard sh:ValidationReport; its messages are those of the other formats."""
    return assessment.readable_report().to_turtle()


FORMATS: dict[str, Callable[[Assessment], str]] = {
    "json": _json,
    "turtle": _turtle,
    "sarif": _sarif,
    "junit": _junit,
    "markdown": _markdown,
}


def write_findings(assessment: Assessment, fmt: str) -> str:
    """The report in one of FORMATS."""
    return FORMATS[fmt](assessment)
