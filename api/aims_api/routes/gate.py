"""May a system enter a stage of its life cycle?"""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from aims_api import models
from aims_api.looking import View, answer, find
from aims_api.parameters import Key
from aims_graph.assessment import decide, find_stage
from aims_graph.assessment.findings import literal
from aims_graph.columns.reader import Reader
from aims_graph.report.findings import finding_json

router = APIRouter(tags=["compliance"])


class GateQuestion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stage: str = Field(
        default="deployment",
        max_length=100,
        description="Name or IRI of a stage of the life cycle.",
        examples=["deployment"],
    )


@router.post("/systems/{key}/gate", response_model=models.GateAnswer)
def gate(snapshot: View, key: Key, question: GateQuestion) -> Response:
    """Allowed, or the findings that block. The data are judged as if the system had entered the stage;
    nothing is written.
    """
    system = find(snapshot, "systems", key)
    rules = snapshot.rules
    stage = find_stage(Reader(rules.ontology), question.stage)
    decision = snapshot.cache.get(("gate", system, stage))
    if decision is None:
        decision = decide(
            snapshot.data, rules.ontology, rules.shapes, system, stage, as_of=snapshot.day
        )
        snapshot.cache["gate", system, stage] = decision
    content = {
        "system": literal(system),
        "stage": stage.value,
        "allowed": decision.allowed,
        "blocking": [finding_json(decision.assessment, f) for f in decision.blocking],
    }
    return answer(snapshot, content)
