"""What answers look like. They are made by hand for speed; these say so in OpenAPI."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

#: Findings that stand inside another answer; /findings pages through all.
MOST: Final = 200

_PATCH: Final[dict[str, Any]] = {
    "added": "<https://shop.example/aims#bot> a <https://w3id.org/aims-graph/ns#AISystem> .",
    "removed": "",
    "format": "turtle",
}

StateName = Literal["met", "not met", "unknown"]


class Counts(BaseModel):
    """A judgement is one rule on one thing; met + not_met + unknown = checked."""

    state: StateName
    checked: int
    met: int
    not_met: int
    in_progress: int
    unknown: int
    warnings: int
    reason: str | None = None


class Requirement(Counts):
    number: str = Field(examples=["6.1.3"])
    title: str
    kind: Literal["clause", "control"]
    iri: str
    excluded: bool


class Status(BaseModel):
    state: StateName
    as_of: str = Field(examples=["2026-06-30"])
    entry: int = Field(description="The journal entry that the answer holds up to.")
    requirements: list[Requirement]
    systems: dict[str, int]
    findings: dict[str, int]


class Finding(BaseModel):
    requirement: str | None
    requirements: list[str]
    rule: str = Field(examples=["IssueHasBeenReviewed"])
    shape: str
    focus_node: str
    focus_label: str
    path: str | None
    value: str | None
    severity: str
    state: StateName
    progress: str | None
    message: str
    remedy: str
    owner: str | None
    owner_label: str | None
    systems: list[str]
    fingerprint: str = Field(examples=["0f3a9c0e1b2d4f56"])


class RequirementStatus(Requirement):
    findings: list[Finding]


class SystemStatus(Counts):
    key: str
    iri: str
    label: str
    findings: list[Finding]


class Gaps(BaseModel):
    by: str
    total: int
    rows: list[dict[str, Any]]


class FindingPage(BaseModel):
    total: int
    findings: list[Finding]
    next: str | None = Field(description="The cursor of the next page.")


class FindingGroup(BaseModel):
    value: str | None
    label: str | None
    count: int
    not_met: int
    unknown: int


class FindingGroups(BaseModel):
    by: str
    total: int
    groups: list[FindingGroup]


class Statement(BaseModel):
    """A triple, each part in N-Triples syntax."""

    subject: str
    predicate: str
    object: str


class RemedyText(BaseModel):
    words: str
    added: list[Statement]
    removed: list[Statement]
    complete: bool


class Explained(BaseModel):
    finding: Finding
    rule: str
    asks: str
    looked_at: list[Statement]
    remedies: list[RemedyText]


class GateAnswer(BaseModel):
    system: str
    stage: str
    allowed: bool
    blocking: list[Finding]


class Patch(BaseModel):
    """Quads in N-Quads or triples in N-Triples; ``turtle`` and the like by their names."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PATCH]})

    added: str = Field(default="", max_length=2_000_000)
    removed: str = Field(default="", max_length=2_000_000)
    format: Literal["nquads", "ntriples", "trig", "turtle"] = Field(
        default="nquads", examples=["turtle"]
    )


class WhatIf(BaseModel):
    appeared: list[dict[str, Any]]
    gone: list[dict[str, Any]]


class EntryRow(BaseModel):
    sequence: int
    time: str
    actor: str
    reason: str
    source: str
    added: int
    removed: int
    previous: str
    hash: str
