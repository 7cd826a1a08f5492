"""One unit of the generated graph: its triples as a template, and the values of all units as columns, with defects
planted at a fixed rate.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Share of the entities concerned that get each defect.
RATE: Final = 0.01

# One line a triple; {name} is a column of ``columns``, a line in [ ] stands only where the
# column of that name after "?" is true.
TEMPLATE: Final = """
system/{i} rdf:type b:{system_class}
system/{i} rdfs:label "System {i}"@en
system/{i} rdfs:label "System Nummer {i}"@de
system/{i} rdfs:label "Second name {i}"@en ?second_label
system/{i} rdfs:label "Système {i}"@fr ?french_label
system/{i} b:identifier "{system_identifier}"
system/{i} b:status b:{system_status}
system/{i} b:owner person/{system_owner} ?has_owner
system/{i} b:oversight person/{system_oversight} ?has_oversight
system/{i} b:usesModel model/{i}0
system/{i} b:usesModel model/{i}1
system/{i} b:usesModel dataset/{i}0 ?wrong_model
system/{i} b:hasRisk risk/{i}0
system/{i} b:hasRisk risk/{i}1
system/{i} b:hasRisk risk/{i}2
system/{i} b:deployedOn "{deployed}"^^xsd:date
system/{i} b:decommissionedOn "{decommissioned}"^^xsd:date
system/{i} b:reviewedAt "{reviewed}"^^xsd:dateTime
system/{i} b:availability "{availability}"^^xsd:decimal
system/{i} b:email "{system_email}" ?has_email
system/{i} b:phone "+49 30 {phone}" ?has_phone
system/{i} b:partOf system/{parent} ?has_parent
system/{i} b:description "Supports decision {phone} of process {system_owner}; reviewed each year."
model/{i}0 rdf:type b:Model
model/{i}0 rdfs:label "Model {i} A"@en
model/{i}0 b:version "{version_0}"
model/{i}0 b:trainedOn dataset/{i}0
model/{i}0 b:licence "Apache-2.0"
model/{i}0 b:accuracy "{accuracy_0}"^^xsd:double
model/{i}0 b:baseline "{baseline_0}"^^xsd:double
model/{i}0 b:parameters "{parameters_0}"^^xsd:integer
model/{i}0 b:createdOn "{created}"^^xsd:date
model/{i}0 b:provider person/{provider}
model/{i}1 rdf:type b:{model_class}
model/{i}1 rdfs:label "Model {i} B"@en
model/{i}1 b:version "{version_1}"
model/{i}1 b:trainedOn dataset/{i}1 ?is_trained
model/{i}1 b:licence "MIT" ?has_licence
model/{i}1 b:accuracy "{accuracy_1}"^^xsd:double
model/{i}1 b:baseline "{baseline_1}"^^xsd:double
model/{i}1 b:parameters "{parameters_1}"^^xsd:integer
model/{i}1 b:createdOn "{created}"^^xsd:date
model/{i}1 b:provider person/{provider}
dataset/{i}0 rdf:type b:TrainingDataset
dataset/{i}0 rdfs:label "Dataset {i} A"@en
dataset/{i}0 b:records "{records_0}"^^xsd:integer
dataset/{i}0 b:personalData "false"^^xsd:boolean
dataset/{i}0 b:source <https://example.org/source/{source}>
dataset/{i}0 b:collectedFrom "{collected_from}"^^xsd:date
dataset/{i}0 b:collectedTo "{collected_to_0}"^^xsd:date
dataset/{i}0 b:custodian person/{custodian}
dataset/{i}0 b:derivedFrom dataset/{origin}0 ?has_origin
dataset/{i}1 rdf:type b:Dataset
dataset/{i}1 rdfs:label "Dataset {i} B"@en
dataset/{i}1 b:records "{records_1}"^^xsd:integer
dataset/{i}1 b:personalData "true"^^xsd:boolean
dataset/{i}1 b:legalBasis "{basis}" ?has_basis
dataset/{i}1 b:source {source_1}
dataset/{i}1 b:collectedFrom "{collected_from}"^^xsd:date
dataset/{i}1 b:collectedTo "{collected_to_1}"^^xsd:date
dataset/{i}1 b:custodian person/{custodian} ?has_custodian
dataset/{i}1 b:derivedFrom dataset/{i}0
dataset/{i}1 b:derivedFrom dataset/{i}1 ?is_own_origin
risk/{i}{k} rdf:type b:Risk
risk/{i}{k} rdfs:label "Risk {k} of system {i}"@en
risk/{i}{k} b:likelihood "{likelihood_{k}}"^^xsd:integer
risk/{i}{k} b:impact "{impact_{k}}"^^xsd:integer
risk/{i}{k} b:score "{score_{k}}"^^xsd:integer
risk/{i}{k} b:identifiedOn "{identified}"^^xsd:date
risk/{i}{k} b:owner person/{risk_owner_{k}}
risk/{i}{k} b:status b:{risk_status_{k}} ?has_risk_status_{k}
risk/{i}{k} b:treatedBy treatment/{i}{k} ?is_treated_{k}
risk/{i}2 b:owner person/{second_owner} ?has_second_owner
treatment/{i}{k} rdf:type b:Treatment
treatment/{i}{k} rdfs:label "Treatment {k} for system {i}"@en
treatment/{i}{k} b:option b:{option_{k}}
treatment/{i}{k} b:implements control/{control_{k}}
treatment/{i}{k} b:implements control/{i} ?has_own_control_{k}
treatment/{i}{k} b:startedOn "{started}"^^xsd:date
treatment/{i}{k} b:dueOn "{due_{k}}"^^xsd:date
treatment/{i}{k} b:completedOn "{completed_{k}}"^^xsd:date ?is_completed_{k}
treatment/{i}{k} b:approvedBy person/{approver} ?is_approved_{k}
treatment/{i}{k} b:effort "P{effort_{k}}D"^^xsd:duration
evidence/{i}{k} rdf:type b:{evidence_class_{k}}
evidence/{i}{k} rdfs:label "Evidence {k} of system {i}"@en
evidence/{i}{k} b:supports control/{supported_{k}} ?is_support_{k}
evidence/{i}{k} b:about system/{i}
evidence/{i}{k} b:digest "{digest_{k}}"^^xsd:hexBinary
evidence/{i}{k} b:capturedAt "{captured_{k}}"^^xsd:dateTime
evidence/{i}{k} b:validUntil "{valid_{k}}"^^xsd:dateTime
evidence/{i}{k} b:mediaType "{media_{k}}"
evidence/{i}{k} b:size "{size_{k}}"^^xsd:nonNegativeInteger
evidence/{i}{k} b:author person/{author}
evidence/{i}{k} b:approvedBy person/{evidence_approver_{k}}
assessment/{i} rdf:type b:ImpactAssessment
assessment/{i} rdfs:label "Impact assessment {i}"@en
assessment/{i} b:assesses system/{i} ?assesses
assessment/{i} b:conductedOn "{conducted}"^^xsd:date
assessment/{i} b:approvedBy person/{approver}
assessment/{i} b:outcome b:{outcome}
assessment/{i} b:confidence "{confidence}"^^xsd:double
assessment/{i} b:method "Interview and review of records {phone}"
person/{i} rdf:type b:Person
person/{i} b:name "Person {i}" ?has_name
person/{i} b:displayName "{display_name}" ?has_name
person/{i} b:email "person-{i}@example.org"
person/{i} b:role b:{role}
person/{i} b:manager person/{manager} ?has_manager
person/{i} b:deputy person/{deputy} ?has_manager
person/{i} b:nickname "P{i}" ?is_nicknamed
control/{i} rdf:type b:{control_class}
control/{i} rdfs:label "Control {i}"@en
control/{i} b:identifier "{control_identifier}"
control/{i} b:title "Keep record {i}"
control/{i} b:owner person/{control_owner}
control/{i} b:status b:{control_status}
control/{i} b:group b:group{group}
"""

Flags = NDArray[np.bool_]


class Defects:
    """Draws where defects go and adds up the results that they must give."""

    def __init__(self, random: np.random.Generator, units: int) -> None:
        self.random, self.units = random, units
        self.expected: dict[str, int] = {}

    def plant(self, *shapes: str, among: Flags | None = None) -> Flags:
        chosen = self.random.random(self.units) < RATE
        if among is not None:
            chosen &= among
        for shape in shapes:
            self.expect(shape, chosen)
        return chosen

    def expect(self, shape: str, where: Flags, times: int = 1) -> None:
        self.expected[shape] = self.expected.get(shape, 0) + times * int(where.sum())


def dates(days: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.datetime_as_string(np.datetime64("2020-01-01") + days)


def instants(seconds: NDArray[np.int64]) -> NDArray[np.str_]:
    moments = np.datetime64("2024-01-01T00:00:00") + seconds
    return np.char.add(np.datetime_as_string(moments), "Z")


def pick(choices: list[str], index: NDArray[Any]) -> NDArray[np.str_]:
    return np.array(choices)[index]


def columns(units: int, random: np.random.Generator) -> tuple[dict[str, Any], dict[str, int]]:
    """Values of all placeholders, one entry a unit, and the expected results by shape."""
    unit = np.arange(units)
    defects = Defects(random, units)
    plant = defects.plant

    def below(high: int, low: int = 0) -> NDArray[np.int64]:
        return random.integers(low, high, units)

    def person() -> NDArray[np.int64]:
        return below(units)

    def other(than: NDArray[np.int64]) -> NDArray[np.int64]:
        """Anyone but ``than``."""
        return (than + below(units, 1)) % units

    c: dict[str, Any] = {"i": unit}
    high_risk = below(5) == 0
    c["system_class"] = pick(["System", "HighRiskSystem"], high_risk.astype(int))
    c["second_label"] = plant("SystemHasLabel")
    c["french_label"] = plant("SystemHasLabel")
    numbers = np.char.zfill(unit.astype(str), 7)
    c["system_identifier"] = np.char.add("SYS-", numbers)
    bad = plant("SystemHasIdentifier", among=unit % 2 == 0)
    c["system_identifier"] = np.where(bad, np.char.add("SYS/", numbers), c["system_identifier"])
    # A system takes the identifier of the one before it: both are reported.
    twin = plant(among=(unit % 2 == 1) & ~np.roll(bad, 1))
    c["system_identifier"] = np.where(
        twin, np.roll(c["system_identifier"], 1), c["system_identifier"]
    )
    defects.expect("SystemIdentifierIsUnique", twin, 2)
    unknown = plant("SystemHasKnownStatus")
    status = pick(["planned", "inOperation", "retired"], below(3))
    c["system_status"] = np.where(unknown, "lost", status)

    nameless = plant("PersonHasName")
    c["has_name"] = ~nameless
    c["display_name"] = np.char.add("Person ", unit.astype(str))
    alias = plant(among=~nameless)
    c["display_name"] = np.where(alias, "Alias", c["display_name"])
    defects.expect("PersonDisplaysName", alias, 2)  # each of the two values lacks the other
    c["system_owner"] = person()
    c["has_owner"] = ~plant("SystemHasOwner")
    defects.expect("SystemOwnerHasName", ~c["has_owner"] | nameless[c["system_owner"]])
    c["system_oversight"] = person()
    c["has_oversight"] = high_risk & ~plant("HighRiskSystemHasOversight", among=high_risk)
    c["wrong_model"] = plant("SystemUsesModels")
    c["deployed"] = dates(below(1500))
    late = below(4000, 2000)
    c["decommissioned"] = dates(np.where(plant("SystemIsDeployedBeforeItEnds"), -5, late))
    c["reviewed"] = np.where(plant("SystemHasReviewTime"), "yesterday", instants(below(6 * 10**7)))
    c["availability"] = np.where(
        plant("SystemAvailabilityIsAShare"), "1.25", np.char.add("0.", below(1000, 900).astype(str))
    )
    unreachable = plant("SystemHasContact")
    c["has_email"] = ~unreachable
    c["has_phone"] = ~unreachable & (below(2) == 0)
    wrong_email = plant("SystemEmailIsAnAddress", among=~unreachable)
    c["system_email"] = np.where(
        wrong_email,
        "no address",
        np.char.add(np.char.add("system-", unit.astype(str)), "@example.org"),
    )
    c["phone"] = below(10**7, 10**6)
    c["parent"] = (random.random(units) * unit).astype(np.int64)
    c["has_parent"] = (unit > 0) & (below(3) == 0)

    c["model_class"] = pick(["Model", "GeneralPurposeModel"], below(2))
    for k in (0, 1):
        version = np.char.add(np.char.add(below(9).astype(str), "."), below(20).astype(str))
        c[f"version_{k}"] = np.where(plant("ModelHasVersion"), "latest", np.char.add(version, ".0"))
        c[f"baseline_{k}"] = np.char.add("0.", below(70, 50).astype(str))
        worse = plant("ModelBeatsBaseline")
        good = np.char.add("0.", below(99, 71).astype(str))
        c[f"accuracy_{k}"] = np.where(worse, "4.0E-1", good)
        many = below(10**10, 10**6).astype(str)
        c[f"parameters_{k}"] = np.where(plant("ModelHasParameters"), "many", many)
        records = below(10**7, 1)
        c[f"records_{k}"] = np.where(plant("DatasetHasRecords"), -records, records)
        reverse = plant("DatasetPeriodEndsAfterItBegins")
        c[f"collected_to_{k}"] = dates(np.where(reverse, -400, below(800, 400)))
    c["is_trained"] = ~plant("ModelIsTrainedOnDataset")
    c["has_licence"] = ~plant("ModelHasLicence")
    c["created"] = dates(below(2000))
    c["provider"] = person()
    c["source"] = below(1000)
    c["collected_from"] = dates(below(399))
    c["custodian"] = person()
    c["origin"] = (random.random(units) * unit).astype(np.int64)
    c["has_origin"] = (unit > 0) & (below(2) == 0)
    c["basis"] = pick(["consent", "contract", "legal obligation"], below(3))
    c["has_basis"] = ~plant("DatasetWithPersonalDataHasLegalBasis")
    unlinked = plant("DatasetSourceIsAnIri")
    link = np.char.add(np.char.add("<https://example.org/source/", c["source"].astype(str)), ">")
    c["source_1"] = np.where(unlinked, '"a folder"', link)
    c["has_custodian"] = ~plant("DatasetHasCustodian")
    c["is_own_origin"] = plant("DatasetIsNotItsOwnOrigin")

    supported: list[NDArray[np.int64]] = []
    for k in range(3):
        extreme = plant("RiskLikelihoodIsOnScale")
        c[f"likelihood_{k}"] = likelihood = np.where(extreme, 7, below(6, 1))
        c[f"impact_{k}"] = impact = below(6, 1)
        wrong = plant("RiskScoreIsProduct")
        c[f"score_{k}"] = score = likelihood * impact + wrong
        c[f"risk_owner_{k}"] = person()
        c[f"risk_status_{k}"] = pick(["open", "inTreatment", "accepted"], below(3))
        c[f"has_risk_status_{k}"] = ~plant("RiskHasStatus")
        untreated = plant("RiskIsTreated") if k == 2 else np.zeros(units, np.bool_)
        c[f"is_treated_{k}"] = ~untreated
        high = score >= 15
        unapproved = plant(among=high & ~untreated)
        c[f"is_approved_{k}"] = ~unapproved & (high | (below(2) == 0))
        defects.expect("HighRiskTreatmentIsApproved", unapproved | (high & untreated))
        option = pick(["avoid", "reduce", "share", "retain"], below(4))
        c[f"option_{k}"] = np.where(
            plant("TreatmentHasKnownOption", among=~untreated), "ignore", option
        )
        c[f"control_{k}"] = other(unit)
        c[f"has_own_control_{k}"] = ~plant("TreatmentImplementsTwoControls", among=~untreated)
        c[f"effort_{k}"] = below(60, 1)
        overdue = plant("TreatmentIsNotOverdue")
        c[f"due_{k}"] = dates(np.where(overdue, 2200, below(4000, 3000)))
        early = plant("TreatmentEndsAfterItStarts", among=~overdue & ~untreated)
        c[f"completed_{k}"] = dates(np.where(early, 10, below(2190, 2000)))
        c[f"is_completed_{k}"] = ~overdue & (early | (below(2) == 0))
        c[f"evidence_class_{k}"] = pick(["Evidence", "AuditEvidence"], below(2))
        c[f"supported_{k}"] = unit if k == 0 else below(units)
        c[f"is_support_{k}"] = ~plant("EvidenceSupportsControl")
        supported.append(c[f"supported_{k}"][c[f"is_support_{k}"]])
        digest = [f"{x:032x}{y:032x}" for x, y in zip(below(1 << 62), below(1 << 62), strict=True)]
        c[f"digest_{k}"] = np.where(
            plant("EvidenceHasDigest"), "abcd", np.array(digest, dtype=object)
        )
        captured = below(3 * 10**7)
        c[f"captured_{k}"] = instants(captured)
        expired = plant("EvidenceIsValidAfterCapture")
        c[f"valid_{k}"] = instants(captured + np.where(expired, -3600, below(10**8, 10**6)))
        media = pick(["application/pdf", "text/csv", "image/png"], below(3))
        c[f"media_{k}"] = np.where(plant("EvidenceHasKnownMediaType"), "unknown", media)
        c[f"size_{k}"] = np.where(plant("EvidenceIsNotEmpty"), 0, below(10**8, 1))
    c["author"] = person()
    for k in range(3):
        own = plant("EvidenceIsNotApprovedByItsAuthor")
        c[f"evidence_approver_{k}"] = np.where(own, c["author"], other(c["author"]))
    c["second_owner"] = other(c["risk_owner_2"])
    c["has_second_owner"] = plant("RiskHasOneOwner")
    c["identified"], c["started"] = dates(below(1900)), dates(below(1900, 100))
    c["approver"] = person()
    uncovered = np.bincount(np.concatenate(supported), minlength=units) == 0
    defects.expect("ControlHasEvidence", uncovered)

    c["assesses"] = ~plant("SystemHasAssessment", "AssessmentNamesItsSystem")
    defects.expect("HighRiskSystemHasImpactAssessment", high_risk & ~c["assesses"])
    defects.expect("HighRiskSystemAssessmentIsApproved", high_risk & ~c["assesses"])
    c["conducted"] = dates(below(2000))
    outcome = pick(["acceptable", "acceptableWithMeasures", "unacceptable"], below(3))
    c["outcome"] = np.where(plant("AssessmentHasKnownOutcome"), "maybe", outcome)
    doubtful = plant("AssessmentConfidenceIsAShare")
    c["confidence"] = np.where(doubtful, "1.5", np.char.add("0.", below(99, 10).astype(str)))

    c["role"] = pick(["owner", "engineer", "auditor", "manager"], below(4))
    c["manager"] = person()
    c["has_manager"] = below(4) > 0
    same = plant("PersonIsNotTheirManagersDeputy", among=c["has_manager"])
    c["deputy"] = np.where(same, c["manager"], other(c["manager"]))
    c["is_nicknamed"] = plant("PersonIsFullyDescribed")

    c["control_class"] = pick(["Control", "AnnexControl"], below(2))
    identifier = np.char.add(np.char.add("A.", below(11, 2).astype(str)), ".")
    identifier = np.char.add(identifier, below(10, 1).astype(str))
    c["control_identifier"] = np.where(plant("ControlHasIdentifier"), "none", identifier)
    c["control_owner"] = person()
    implemented = pick(["implemented", "partial", "planned"], below(3))
    c["control_status"] = np.where(plant("ControlHasKnownStatus"), "forgotten", implemented)
    c["group"] = below(9)
    return c, defects.expected
