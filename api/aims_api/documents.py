"""Documents made of an evaluation: statement of applicability, gap report, risk register, audit pack."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aims_api.evaluation import Snapshot
from aims_graph.columns.reader import Reader, Term
from aims_graph.report import WRITERS, Table, gap_table, statement_table, write_findings
from aims_graph.vocabulary import aims

_FINDINGS: Final = (
    "Requirement", "Severity", "State", "Progress", "Where", "What to do", "Owner", "Rule", "Fingerprint",
)  # fmt: skip
_RISKS: Final = (
    "Risk", "IRI", "Of", "Likelihood", "Consequence", "Level", "Treatments", "Controls", "Owner",
    "Residual level", "Findings",
)  # fmt: skip


def _subtitle(snapshot: Snapshot) -> str:
    return f"As of {snapshot.day.isoformat()}, journal entry {snapshot.sequence}"


def _now() -> datetime:
    return datetime.now(UTC)


def statement_of_applicability(snapshot: Snapshot) -> Table:
    return statement_table(snapshot.assessment, _subtitle(snapshot), made=_now())


def gap_report(snapshot: Snapshot) -> Table:
    by = ("clause", "control")
    return gap_table(snapshot.assessment, by, _subtitle(snapshot), made=_now())


def finding_list(snapshot: Snapshot) -> Table:
    rows = []
    for finding in snapshot.findings:
        row = snapshot.row(finding)
        rows.append(
            (row["requirements"], row["severity"], row["state"], row["progress"], row["focus_label"],
             row["message"], row["owner_label"], finding.rule.name, row["fingerprint"])
        )  # fmt: skip
    return Table("Findings, ISO/IEC 42001:2023", _subtitle(snapshot), _FINDINGS, rows, made=_now())


def risk_register(snapshot: Snapshot) -> Table:
    reader = snapshot.reader
    counts: dict[Term, int] = {}
    for finding in snapshot.findings:
        counts[finding.focus] = counts.get(finding.focus, 0) + 1
    rows = [_risk(reader, risk, counts) for risk in reader.instances(aims("Risk"))]
    rows.sort(key=lambda row: str(row[0]))
    return Table("Risk register", _subtitle(snapshot), _RISKS, rows, made=_now())


def _risk(reader: Reader, risk: Term, counts: Mapping[Term, int]) -> tuple[object, ...]:
    def labels(*path: str) -> list[str]:
        nodes: list[Term] = [risk]
        for name in path:
            nodes = [o for node in nodes for o in reader.objects(node, aims(name))]
        return sorted({reader.label(node) for node in nodes})

    holders = [*reader.subjects(aims("hasRisk"), risk), *reader.objects(risk, aims("riskOf"))]
    return (
        reader.label(risk), getattr(risk, "value", str(risk)),
        sorted({reader.label(holder) for holder in holders}), labels("likelihood"),
        labels("consequence"), labels("riskLevel") or labels("level"), labels("hasTreatment"),
        labels("hasTreatment", "appliesControl"), labels("owner"),
        labels("hasResidualRisk", "riskLevel") or labels("hasResidualRisk", "level"),
        counts.get(risk, 0),
    )  # fmt: skip


TITLES: Final = {
    "statement-of-applicability": "Statement of applicability",
    "gap-report": "Gap report",
    "risk-register": "Risk register",
    "findings": "Findings",
}
DOCUMENTS: Final[Mapping[str, Callable[[Snapshot], Table]]] = {
    "statement-of-applicability": statement_of_applicability,
    "gap-report": gap_report,
    "risk-register": risk_register,
    "findings": finding_list,
}


def audit_pack(
    snapshot: Snapshot,
    tables: Mapping[str, Table],
    journal: list[dict[str, Any]],
    head: Mapping[str, Any],
) -> bytes:
    """A ZIP of all documents, the findings as data, and the journal with its head."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, table in tables.items():
            for suffix in ("xlsx", "html", "pdf"):
                pack.writestr(f"{name}.{suffix}", WRITERS[suffix][1](table))
        for name, fmt in (("findings.json", "json"), ("findings.ttl", "turtle")):
            pack.writestr(name, write_findings(snapshot.assessment, fmt))
        pack.writestr("journal.json", json.dumps(journal, indent=1, ensure_ascii=False))
        pack.writestr("head.json", json.dumps(head, indent=1))
        pack.writestr("READ-ME.txt", _READ_ME.format(subtitle=_subtitle(snapshot)))
    return buffer.getvalue()


def audit_book(tables: Mapping[str, Table], journal: list[dict[str, Any]]) -> bytes:
    """All documents and the list of the journal's entries as one PDF."""
    from aims_graph.report.pdf import write_book  # noqa: PLC0415 - heavy, and only this needs it

    first = next(iter(tables.values()))
    subtitle, made = first.subtitle, first.made
    keys = ("sequence", "time", "actor", "reason", "source", "added", "removed", "hash")
    entries = [[entry[key] for key in keys] for entry in reversed(journal)]
    record = Table("Journal", subtitle, tuple(key.capitalize() for key in keys), entries, made=made)
    return write_book("Audit pack, ISO/IEC 42001:2023", subtitle, [*tables.values(), record], made)


_READ_ME: Final = """{subtitle}.

The documents are made from the record of the AI management system; findings.ttl is the same as a SHACL
validation report. head.json is the head of the journal: kept elsewhere, it shows with `aims verify --head`
that nothing was changed or taken away afterwards.
"""
