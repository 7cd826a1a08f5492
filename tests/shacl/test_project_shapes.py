"""All shapes of the project on all of their fixtures at once: the columns find what the plain evaluators find."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from aims_graph.assessment.evaluation import load_ontology, load_shapes, with_ontology
from aims_graph.columns import load
from aims_graph.shacl import compile_shapes, validate
from aims_graph.shacl.constraints import Sparql

FIXTURES = Path(__file__).resolve().parents[1] / "shapes"


def results(report):
    return Counter((r.focus, str(r.path), r.component, r.value, r.severity) for r in report.results)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["violates", "conforms"])
def test_columns_and_scalar_agree_on_the_shapes_of_the_project(kind):
    files = sorted(FIXTURES.glob(f"*/{kind}.ttl"))
    data = with_ontology(load(files), load_ontology(), date(2026, 11, 24))
    shapes = load_shapes()
    found = validate(data, shapes)
    assert results(found) == results(validate(data, shapes, engine="scalar"))
    if kind == "violates":
        # Most rules find something; in one graph with all the others some are satisfied.
        rules = {path.parent.name for path in files}
        finding = {str(r.shape).rpartition("#")[2].strip(">") for r in found.results}
        assert len(rules & finding) > 0.8 * len(rules)
        assert any(
            isinstance(constraint, Sparql) and shape.node in {r.shape for r in found.results}
            for shape in compile_shapes(shapes).shapes
            for constraint in shape.constraints
        )
