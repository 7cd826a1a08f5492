"""API keys: made, listed, revoked by an admin."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from aims_api.access import CoreOf, Managing
from aims_api.callers import Role
from aims_api.openapi_problems import also
from aims_api.problems import ProblemError

router = APIRouter(tags=["access"])

KeyId = Annotated[str, Path(description="The id that the list says.", examples=["0a1b2c3d4e5f"])]


class KeyDraft(BaseModel):
    """Graphs are named by IRI, by the beginning of IRIs and ``*``, or by ``*`` for all of them."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, examples=["Nadia, internal audit"])
    roles: list[Role] = Field(min_length=1, max_length=5, examples=[["auditor"]])
    read: list[str] = Field(max_length=100, examples=[["*"]])
    write: list[str] = Field(default=[], max_length=100, examples=[["urn:aims:source:audit"]])
    person: str | None = Field(
        default=None,
        max_length=2000,
        pattern=r"^[^\s<>\"]+:[^\s<>\"]*$",
        description="IRI of whom the key stands for in the graph.",
        examples=["https://shop.example/aims#ingrid-halden"],
    )
    expires: AwareDatetime | None = Field(default=None, examples=["2099-12-31T00:00:00Z"])


class NewKey(BaseModel):
    id: str
    key: str = Field(description="Shown once.")


class Key(BaseModel):
    id: str
    name: str
    roles: list[str]
    read: list[str]
    write: list[str]
    person: str | None
    created: datetime
    expires: datetime | None
    revoked: datetime | None


@router.post("/keys", status_code=201)
def create_key(core: CoreOf, draft: KeyDraft, _: Managing) -> NewKey:
    """Make a key. Roles that duties separate cannot be held together."""
    made = core.keys.create(
        draft.name,
        draft.roles,
        read=draft.read,
        write=draft.write,
        person=draft.person,
        expires=draft.expires,
    )
    return NewKey(id=made.id, key=made.text)


@router.get("/keys", response_model=list[Key])
def list_keys(core: CoreOf, _: Managing) -> list[dict[str, Any]]:
    """All keys, also those that are no longer good; never their text."""
    return core.keys.list()


@router.delete("/keys/{key_id}", status_code=204, responses=also(409))
def revoke_key(core: CoreOf, key_id: KeyId, caller: Managing) -> Response:
    """Revoke a key at once. The last way in, one's own key, stays."""
    if key_id == caller.id:
        raise ProblemError(409, "conflict", "a key cannot revoke itself")
    if not core.keys.revoke(key_id):
        raise ProblemError(404, "not-found", "there is no such key, or it is revoked already")
    return Response(status_code=204)
