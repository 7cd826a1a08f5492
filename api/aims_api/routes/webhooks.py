"""Webhooks: whom to tell when a finding appears, changes or closes."""

import json
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from aims_api.access import CoreOf, Managing
from aims_api.delivery import resolve
from aims_api.parameters import limit_of
from aims_api.problems import ProblemError
from aims_api.routes.events import begin_feed
from aims_api.snapshots import key_of

router = APIRouter(tags=["events"])

Hook = Annotated[str, Path(description="The id that the list says.", examples=["0f1e2d3c4b5a6978"])]
Kind = Literal["finding.appeared", "finding.changed", "finding.closed"]


class WebhookDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000, examples=["https://hooks.example/aims"])
    events: list[Kind] = Field(
        default=["finding.appeared", "finding.changed", "finding.closed"],
        min_length=1,
        max_length=3,
    )


class NewWebhook(BaseModel):
    id: str
    secret: str = Field(description="Signs the deliveries. Shown once.")


class Webhook(BaseModel):
    id: str
    url: str
    events: list[str]
    graphs: list[str]
    created: str


class Delivery(BaseModel):
    id: int
    created: str
    state: str
    attempts: int
    answer: str | None


@router.post("/webhooks", status_code=201)
def create_webhook(core: CoreOf, caller: Managing, draft: WebhookDraft) -> NewWebhook:
    """Be told by POST. A delivery carries ``Aims-Signature: t=<time>,v1=<HMAC-SHA-256 of "time.body">``
    and is tried again until the answer is 2xx. It tells of the graphs that the caller may read.
    """
    resolve(draft.url, private=core.settings.allow_private_targets)
    hook, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    key = key_of(caller.read)
    begin_feed(core, key)
    core.store.write(
        "INSERT INTO webhooks VALUES (?,?,?,?,?,?,?)",
        hook,
        draft.url,
        secret,
        json.dumps(draft.events),
        caller.id,
        json.dumps(list(key)),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return NewWebhook(id=hook, secret=secret)


@router.get("/webhooks")
def list_webhooks(core: CoreOf, _: Managing) -> list[Webhook]:
    """All webhooks, without their secrets."""
    return [
        Webhook(
            id=row["id"],
            url=row["url"],
            events=json.loads(row["events"]),
            graphs=json.loads(row["graphs"]),
            created=row["created"],
        )
        for row in core.store.rows("SELECT * FROM webhooks ORDER BY created, id")
    ]


@router.get("/webhooks/{hook}/deliveries")
def list_deliveries(
    core: CoreOf, _: Managing, hook: Hook, limit: Annotated[int, limit_of(500)] = 50
) -> list[Delivery]:
    """The last deliveries, with what the receiver answered."""
    _find(core, hook)
    rows = core.store.rows(
        "SELECT * FROM deliveries WHERE webhook = ? ORDER BY id DESC LIMIT ?", hook, limit
    )
    return list(map(_delivery, rows))


@router.post("/webhooks/{hook}/deliveries/{delivery}/attempt", status_code=202)
def deliver_again(
    core: CoreOf,
    _: Managing,
    hook: Hook,
    delivery: Annotated[int, Path(description="The id that the list says.", ge=1, examples=[1])],
) -> Delivery:
    """Try a delivery at once: one that waits, one that was given up, or one that has to be sent again.
    The receiver gets it under the same number.
    """
    _find(core, hook)
    core.store.write(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, due = 0 WHERE webhook = ? AND id = ?",
        hook,
        delivery,
    )
    row = core.store.row("SELECT * FROM deliveries WHERE webhook = ? AND id = ?", hook, delivery)
    if row is None:
        raise ProblemError(404, "not-found", "there is no such delivery")
    core.courier.notice()
    return _delivery(row)


@router.delete("/webhooks/{hook}", status_code=204)
def delete_webhook(core: CoreOf, _: Managing, hook: Hook) -> Response:
    """Tell no more; what waits is dropped."""
    _find(core, hook)
    core.store.write("DELETE FROM webhooks WHERE id = ?", hook)
    return Response(status_code=204)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row["id"],
        created=row["created"],
        state=row["state"],
        attempts=row["attempts"],
        answer=row["answer"],
    )


def _find(core: CoreOf, hook: str) -> Any:
    row = core.store.row("SELECT * FROM webhooks WHERE id = ?", hook)
    if row is None:
        raise ProblemError(404, "not-found", "there is no such webhook")
    return row
