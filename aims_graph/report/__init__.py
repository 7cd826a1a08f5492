"""Documents made from an assessment: findings in the formats tools read, the statement of applicability."""

from aims_graph.report.cells import safe_cell
from aims_graph.report.findings import FORMATS, write_findings
from aims_graph.report.gaps import CONTROL_STATES, GROUPINGS, Row, gap_rows, gap_table
from aims_graph.report.statement import statement_table, write_statement
from aims_graph.report.tables import WRITERS, Table

__all__ = [
    "CONTROL_STATES",
    "FORMATS",
    "GROUPINGS",
    "WRITERS",
    "Row",
    "Table",
    "gap_rows",
    "gap_table",
    "safe_cell",
    "statement_table",
    "write_findings",
    "write_statement",
]
