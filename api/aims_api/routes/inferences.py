"""What follows from the data by OWL 2 RL, and why."""

import threading
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from pyoxigraph import BlankNode

from aims_api import models
from aims_api.evaluation import Snapshot
from aims_api.looking import View, answer
from aims_api.openapi_problems import also
from aims_api.patches import read_patch
from aims_api.problems import ProblemError
from aims_api.things import node_of
from aims_graph.columns import Triple
from aims_graph.columns.reader import Reader
from aims_graph.inference import Inferred, prove, with_inferred

router = APIRouter(tags=["inference"])

_MAKING = threading.Lock()
_SHOWN = 1000
_EXAMPLE = (
    "<https://shop.example/aims#recommender> <https://w3id.org/aims-graph/ns#governedBy> "
    "<https://shop.example/aims#aims>"
)


class Inferences(BaseModel):
    total: int
    triples: list[models.Statement]


class ProofTree(BaseModel):
    """As the engine writes it: each step with the rule it follows by and its premises."""

    text: str
    rests_on: list[models.Statement]
    proof: dict[str, Any]


def inferred(snapshot: Snapshot) -> Inferred:
    """Made when it is first asked for."""
    with _MAKING:
        found: Inferred | None = snapshot.cache.get("inferred")
        if found is None:
            found = snapshot.cache["inferred"] = with_inferred(snapshot.validator.data)
        return found


@router.get("/inferences", response_model=Inferences)
def inferences(
    snapshot: View,
    about: Annotated[
        str,
        Query(
            description="IRI of a thing.",
            max_length=2000,
            examples=["https://shop.example/aims#recommender"],
        ),
    ],
) -> Response:
    """What follows about a thing without being said."""
    node = node_of(about)
    if node is None:
        raise ProblemError(422, "validation-failed", "about must be an IRI")
    reader = Reader(inferred(snapshot).inferred)
    found = [
        (node, predicate, value)
        for predicate in reader.predicates()
        for value in reader.objects(node, predicate)
    ]
    return answer(snapshot, {"total": len(found), "triples": [_row(t) for t in found[:_SHOWN]]})


@router.get("/inferences/proof", response_model=ProofTree, responses=also(400, 404))
def proof(
    snapshot: View,
    triple: Annotated[
        str, Query(description="In Turtle, with full IRIs.", max_length=5000, examples=[_EXAMPLE])
    ],
) -> Response:
    """Why a triple holds: the rules it follows by, down to what is said."""
    quads = read_patch(f"{triple.rstrip(' .')} .".encode(), "turtle", "urn:x:question")
    if len(quads) != 1 or any(isinstance(t, BlankNode) for t in quads[0]):
        raise ProblemError(422, "validation-failed", "give one triple without blank nodes")
    asked: Triple = (quads[0].subject, quads[0].predicate, quads[0].object)  # type: ignore[assignment]
    found = prove(inferred(snapshot), asked)
    if found is None:
        raise ProblemError(404, "not-found", "the triple does not hold")
    content = {
        "text": str(found),
        "rests_on": [_row(leaf) for leaf in found.leaves()],
        "proof": found.to_json(),
    }
    return answer(snapshot, content)


def _row(triple: Triple) -> dict[str, str]:
    return dict(zip(("subject", "predicate", "object"), map(str, triple), strict=True))
