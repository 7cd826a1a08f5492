"""The default engine: the plan, run with NumPy kernels on columns."""

from aims_graph.columns import Columns
from aims_graph.shacl.evaluation import Evaluation
from aims_graph.shacl.model import Findings, Ids
from aims_graph.shacl.names import Term
from aims_graph.shacl.plan import Plan, compile_shapes
from aims_graph.shacl.report import ValidationReport
from aims_graph.shacl.results import ColumnResults, FocusNodes


def validate(data: Columns, shapes: Columns) -> ValidationReport:
    return run(compile_shapes(shapes), data)


def run(plan: Plan, data: Columns) -> ValidationReport:
    evaluation = Evaluation(data)
    blocks: list[Findings] = []
    focus_nodes: dict[Term, Ids] = {}
    for group in plan.groups:
        focus = evaluation.focus_nodes(group.targets)
        for shape in group.shapes:
            focus_nodes[shape.node] = focus
            blocks += evaluation.findings(shape, focus)
        evaluation.forget_values()
    return ValidationReport(ColumnResults(blocks, evaluation), FocusNodes(focus_nodes, data.terms))
