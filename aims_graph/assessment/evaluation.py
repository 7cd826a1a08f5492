"""One evaluation: a graph, the rules, a date."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment.conformity import Assessment
from aims_graph.columns import Columns, load
from aims_graph.columns.reader import Reader
from aims_graph.resources import folder, ontology_files
from aims_graph.shacl import ValidationReport, validate
from aims_graph.vocabulary import AIMS, XSD

EVALUATION = NamedNode(AIMS + "evaluation")
_AS_OF = NamedNode(AIMS + "asOf")
_DATE = NamedNode(XSD + "date")


def load_ontology(iso_text: Path | None = None) -> Columns:
    """Our ontology and catalogue, with an organization's licensed ISO text laid over if given."""
    return load(ontology_files(overlay=iso_text))


def load_crosswalks() -> Columns:
    """What published sources relate our catalogue to; the ontology does not import it."""
    return load(sorted((folder("ontology") / "alignments").glob("crosswalk-*.ttl")))


def load_shapes() -> Columns:
    """The shapes that come with the package."""
    return load(sorted(folder("shapes").glob("*.ttl")))


def with_ontology(data: Columns, ontology: Columns, as_of: date) -> Columns:
    """What rules are evaluated on: the data, the ontology, and the evaluation date as a triple."""
    moment = (EVALUATION, _AS_OF, Literal(as_of.isoformat(), datatype=_DATE))
    return data.union(ontology).with_change([moment], [])


def evaluate(
    data: Columns,
    *,
    as_of: date,
    ontology: Columns | None = None,
    shapes: Columns | None = None,
    engine: str = "columns",
    infer: bool = False,
    tell: Callable[[int, int], None] | None = None,
) -> Assessment:
    """Validates the data and reads the report as conformity.

    ``tell`` hears how many constraints of how many are evaluated.
    ``ontology`` and ``shapes`` default to ours. With ``infer``, rules also see what follows by OWL 2 RL,
    contradictions are findings too, and ``Assessment.by_inference`` tells which findings are there only
    because of what was inferred. Raises InputError on shapes that are ill-formed.
    """
    graph = with_ontology(data, load_ontology() if ontology is None else ontology, as_of)
    rules = load_shapes() if shapes is None else shapes
    report = validate(graph, rules, engine=engine, tell=tell)
    plain = Assessment(Reader(graph), Reader(rules), report, as_of=as_of.isoformat())
    return _with_inference(plain, graph, rules, engine) if infer else plain


def _with_inference(plain: Assessment, graph: Columns, rules: Columns, engine: str) -> Assessment:
    from aims_graph.inference import (  # noqa: PLC0415 only who infers pays for it
        find_contradictions,
        with_inferred,
    )

    inferred = with_inferred(graph)
    report = validate(inferred.columns, rules, engine=engine)
    contradictions = [found.result for found in find_contradictions(inferred)]
    full = ValidationReport([*report.results, *contradictions], report.focus_nodes)
    # Which system a finding belongs to is told by what is recorded: inverses would lead to all of them.
    assessment = Assessment(Reader(graph), Reader(rules), full, as_of=plain.as_of)
    known = {finding.fingerprint for finding in plain.findings}
    assessment.by_inference = frozenset(
        finding.fingerprint for finding in assessment.findings if finding.fingerprint not in known
    )
    return assessment
