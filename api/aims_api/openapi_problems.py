"""Which problems an operation may answer with. Most follow from what it takes; routes name the others."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from aims_api.problems import PROBLEM_JSON, TITLES, Problem, problem_content

_WRITING: Final = frozenset({"write", "approve", "audit"})
#: Status -> kinds of problem with it, each with a detail as it may stand there.
_KINDS: Final[Mapping[int, Mapping[str, str]]] = {
    400: {
        "parse-error": "an IRI ends here, but what is said of it is missing",
        "validation-failed": "give graph=IRI or default, and not both",
    },
    401: {"unauthenticated": ""},
    403: {
        "forbidden": "this takes the right to write",
        "policy-denied": "who did the work does not approve it: duties are separated",
    },
    404: {"not-found": "none of the systems is called 'recommendr'"},
    406: {"not-acceptable": "offered: application/json, text/turtle"},
    409: {
        "conflict": "there is a thing of this IRI already",
        "policy-denied": "the change brings findings that block it",
    },
    412: {"precondition-failed": 'the current version is "6a1f0c2b9d3e4f5061728394"'},
    413: {"limit-exceeded": "the body limit is 4194304 bytes here"},
    415: {"unsupported-media-type": "accepted: application/pdf, text/csv"},
    422: {"validation-failed": "query.limit: Input should be less than or equal to 500"},
    428: {"precondition-required": "send If-Match with the ETag you read"},
    429: {"rate-limited": "wait 1 s"},
    503: {
        "read-only": "another writer is at work",
        "query-timeout": "the query took longer than 20 s",
        "resource-limit": "the query needed more than 512 MiB",
    },
}
_EXTRA: Final[Mapping[str, Mapping[str, Any]]] = {
    "parse-error": {"line": 3, "column": 1},
    "not-found": {"hint": "Did you mean recommender?"},
}


def also(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For ``responses`` of a route: problems that do not follow from its parameters, body and right."""
    return {status: {"description": _title(status)} for status in statuses}


def add_problems(operation: dict[str, Any], path: str, method: str, right: str | None) -> None:
    """Replaces what stands there for errors by references to ``components``."""
    responses = operation["responses"]
    named = {int(status) for status in responses if status.isdigit() and int(status) >= 400}
    made_by_default = "HTTPValidationError" in str(responses.get("422", ""))
    statuses = (named - {422}) if made_by_default else named
    for status in named:
        del responses[str(status)]
    for status in sorted(statuses | set(_following(operation, path, method, right))):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _following(
    operation: Mapping[str, Any], path: str, method: str, right: str | None
) -> Iterable[int]:
    parameters = {item["name"] for item in operation.get("parameters", ())}
    has_body = "requestBody" in operation
    if right not in (None, "none"):
        yield from (401, 429)
    if method != "get" or right not in (None, "none", "read"):
        yield 403
    if "{" in path:
        yield 404
    if has_body:
        yield from (413, 415)
    if parameters or has_body:
        yield 422
    if "if-match" in parameters:
        yield from (412, 428)
    if right in _WRITING:
        yield from (409, 503)
    if "after" in parameters:
        yield 503
    if _negotiates(operation["responses"], parameters):
        yield 406


def _negotiates(responses: Mapping[str, Any], parameters: set[str]) -> bool:
    return "format" not in parameters and any(
        status.startswith("2") and len(response.get("content", ())) > 1
        for status, response in responses.items()
    )


def problem_components() -> dict[str, dict[str, Any]]:
    """What the references lead to."""
    return {f"Problem{status}": _response(status) for status in _KINDS}


def _response(status: int) -> dict[str, Any]:
    examples = {
        kind: {"value": problem_content(status, kind, detail, **_EXTRA.get(kind, {}))}
        for kind, detail in _KINDS[status].items()
    }
    content = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}, "examples": examples}
    return {"description": _title(status), "content": {PROBLEM_JSON: content}}


def _title(status: int) -> str:
    return "; ".join(TITLES[kind] for kind in _KINDS[status])
