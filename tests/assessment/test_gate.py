"""The gate asks what would be found if the system had entered the stage."""

from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from aims_graph.assessment import decide, find_stage, load_ontology, load_shapes
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader
from aims_graph.errors import InputError
from aims_graph.ingest import read_columns

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
AS_OF = date(2026, 11, 24)
AIMS = "https://w3id.org/aims-graph/ns#"
SYSTEM = NamedNode("https://shop.example/aims#routing")


@pytest.fixture(scope="module")
def ontology() -> Columns:
    return load_ontology()


@pytest.fixture(scope="module")
def shapes() -> Columns:
    return load_shapes()


def shop(version: str) -> Columns:
    return read_columns(
        [f for folder in ("common", version) for f in sorted((SHOP / folder).iterdir())]
    )


def before_use(data: Columns) -> Columns:
    stage = NamedNode(AIMS + "systemStage")
    return data.with_change(
        [(SYSTEM, stage, NamedNode(AIMS + "VerificationAndValidation"))],
        [(SYSTEM, stage, NamedNode(AIMS + "OperationAndMonitoring"))],
    )


def blocking(data: Columns, ontology: Columns, shapes: Columns) -> set[str]:
    stage = find_stage(Reader(ontology), "deployment")
    decision = decide(data, ontology, shapes, SYSTEM, stage, as_of=AS_OF)
    assert decision.allowed is not bool(decision.blocking)
    return {finding.rule.name for finding in decision.blocking}


def test_a_complete_record_may_be_deployed(ontology: Columns, shapes: Columns) -> None:
    assert blocking(before_use(shop("conforming")), ontology, shapes) == set()


def test_what_would_be_wrong_in_use_blocks_before_use(ontology: Columns, shapes: Columns) -> None:
    found = blocking(before_use(shop("with-gaps")), ontology, shapes)
    assert {"SystemInUseIsWithinScope", "ModelIsNotTrainedOnForbiddenData"} <= found


def test_gaps_of_other_systems_do_not_block(ontology: Columns, shapes: Columns) -> None:
    found = blocking(before_use(shop("with-gaps")), ontology, shapes)
    assert not found & {"TrainingDatasetHasBiasAudit", "ImpactAssessmentIsApprovedBeforeDeployment"}


def test_what_is_unknown_blocks_too(ontology: Columns, shapes: Columns) -> None:
    system = SYSTEM
    data = Columns.from_triples(
        [
            (system, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), NamedNode(AIMS + "AISystem")),
            (system, NamedNode(AIMS + "recordCompleteness"), NamedNode(AIMS + "PartialRecord")),
        ]
    )  # fmt: skip
    stage = find_stage(Reader(ontology), "Deployment")
    decision = decide(data, ontology, shapes, system, stage, as_of=AS_OF)
    assert not decision.allowed
    assert "unknown" in {str(finding.state) for finding in decision.blocking}


def test_an_unknown_stage_names_those_there_are(ontology: Columns) -> None:
    with pytest.raises(InputError, match=r"deployment.*retirement"):
        find_stage(Reader(ontology), "moon")
