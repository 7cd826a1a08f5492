"""What an assessment would say if some triples came and others went."""

import copy
from collections.abc import Iterable
from datetime import date

from aims_graph.assessment.conformity import Assessment
from aims_graph.assessment.evaluation import EVALUATION
from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader
from aims_graph.shacl import Validator, compile_shapes, validate


def suppose(
    graph: Columns,
    ontology: Columns,
    added: Iterable[Triple],
    removed: Iterable[Triple],
    *,
    as_of: date,
    shapes: Columns,
    engine: str = "columns",
) -> tuple[Assessment, Assessment]:
    """The assessments before and after; ``graph`` is what ``with_ontology`` gives.

    What the ontology says stays said. The default engine validates again only what the change can alter, any other
    engine everything. Raises InputError on shapes that are ill-formed.
    """
    said = Reader(ontology)
    added = list(added)
    removed = [
        (subject, predicate, value)
        for subject, predicate, value in removed
        if subject != EVALUATION and value not in said.objects(subject, predicate)  # type: ignore[arg-type]  # predicates are IRIs
    ]
    rules = Reader(shapes)
    if engine == "columns":
        before = Validator(compile_shapes(shapes), graph)
        after = copy.copy(before)  # its state is replaced, never changed
        after.apply(added, removed)
        found = [(each.data, each.report) for each in (before, after)]
    else:
        graphs = (graph, graph.with_change(added, removed))
        found = [(each, validate(each, shapes, engine=engine)) for each in graphs]
    now, then = (
        Assessment(Reader(data), rules, report, as_of=as_of.isoformat()) for data, report in found
    )
    return now, then
