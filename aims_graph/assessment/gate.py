"""May this system enter this stage? Asked by evaluating the graph as it would be if it had."""

from dataclasses import dataclass
from datetime import date

from pyoxigraph import NamedNode

from aims_graph.assessment.conformity import Assessment
from aims_graph.assessment.evaluation import evaluate
from aims_graph.assessment.findings import Finding
from aims_graph.columns import Columns
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.vocabulary import AIMS

_STAGE = NamedNode(AIMS + "systemStage")
_GATED_BY = NamedNode(AIMS + "gatedBy")
# Entering deployment means to be in use afterwards, so that the rules on systems in use apply.
_STAGE_AFTER = {AIMS + "DeploymentStage": NamedNode(AIMS + "OperationAndMonitoring")}


@dataclass(frozen=True, slots=True)
class GateDecision:
    """Allowed only when nothing blocks; what is unknown blocks as well as what is not met."""

    system: Term
    stage: NamedNode
    blocking: tuple[Finding, ...]
    assessment: Assessment

    @property
    def allowed(self) -> bool:
        return not self.blocking


def find_stage(reader: Reader, name: str) -> NamedNode:
    """A gated life cycle stage by its name. Raises InputError naming those there are."""
    stages = {stage for stage, _ in reader.pairs(_GATED_BY) if isinstance(stage, NamedNode)}
    wanted = name.lower().removesuffix("stage")
    for stage in stages:
        if local_name(stage).lower().removesuffix("stage") == wanted:
            return stage
    names = ", ".join(sorted(local_name(s).removesuffix("Stage").lower() for s in stages))
    raise InputError(
        f"no gate is defined for the stage {name!r}", hint=f"Stages with a gate: {names}"
    )


def decide(
    data: Columns,
    ontology: Columns,
    shapes: Columns,
    system: Term,
    stage: NamedNode,
    *,
    as_of: date,
    engine: str = "columns",
) -> GateDecision:
    """Evaluates ``data`` (without the ontology) as if the system had entered the stage."""
    reader = Reader(data)
    entered = _STAGE_AFTER.get(stage.value, stage)
    change = data.with_change(
        [(system, _STAGE, entered)],
        [(system, _STAGE, old) for old in reader.objects(system, _STAGE) if old != entered],
    )
    assessment = evaluate(change, as_of=as_of, ontology=ontology, shapes=shapes, engine=engine)
    gated = set(Reader(ontology).objects(stage, _GATED_BY)) | set(reader.objects(stage, _GATED_BY))
    blocking = tuple(
        finding
        for finding in assessment.by_system[system].findings
        if finding.counts and gated.intersection(finding.requirements)
    )
    return GateDecision(system, stage, blocking, assessment)
