"""Documents made from an assessment: findings in the formats tools read, the statement of applicability."""

from aims_graph.report.cells import safe_cell
from aims_graph.report.findings import FORMATS, write_findings
from aims_graph.report.gaps import CONTROL_STATES, GROUPINGS, Row, gap_rows
from aims_graph.report.statement import write_statement

__all__ = [
    "CONTROL_STATES",
    "FORMATS",
    "GROUPINGS",
    "Row",
    "gap_rows",
    "safe_cell",
    "write_findings",
    "write_statement",
]
