"""The questions of the catalogue, and a plain form for SPARQL."""

import json
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response
from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from aims_api.answering import ask, ask_past, respond
from aims_api.boundary import CONTENT_SECURITY_POLICY
from aims_api.evaluation import Snapshot
from aims_api.pages.forms import as_problems
from aims_api.pages.kinds import find_by_words
from aims_api.pages.links import Link
from aims_api.pages.rendering import Visit, Visiting, page_router
from aims_api.problems import ProblemError
from aims_api.routes.queries import CATALOGUE
from aims_api.searching import plain
from aims_api.things import node_named
from aims_graph.errors import InputError
from aims_graph.sparql import find_query
from aims_graph.sparql.pool import QueryResult
from aims_graph.vocabulary import PREFIXES

router = page_router()
_ROWS: Final = 500
_ACCEPT: Final = "application/sparql-results+json, text/turtle;q=0.5"
_TAKEN: Final = {"csv": "text/csv", "json": "application/sparql-results+json"}
#: The one style sheet that the editor's table writes into the page, by its hash, and no other.
_EDITOR_POLICY: Final = CONTENT_SECURITY_POLICY.replace(
    "style-src 'self'", "style-src 'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
)
_START: Final = """PREFIX aims: <https://w3id.org/aims-graph/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?system ?name ?owner {
  ?system a aims:AISystem ; rdfs:label ?name .
  OPTIONAL { ?system aims:owner ?owner }
}
ORDER BY ?name"""


@router.get("/questions")
def questions_page(visit: Visiting) -> Response:
    return visit.show("questions.html", "Questions", queries=list(CATALOGUE.values()))


@router.get("/questions/{name}")
def question_page(request: Request, visit: Visiting, name: str) -> Response:
    """With its parameters given it is answered."""
    try:
        query = find_query(CATALOGUE, name)
    except InputError as error:
        raise ProblemError(404, "not-found", error.message) from None
    given = {p.name: request.query_params.get(p.name, "")[:2000] for p in query.parameters}
    values = {key: value for key, value in given.items() if value}
    for parameter in query.parameters:
        if parameter.type == "iri" and parameter.name in values:
            values[parameter.name] = _node(visit, values[parameter.name]).value
    ready = all(p.name in values for p in query.parameters if p.required)
    table = _answer(visit, query.bind(values)) if ready else None
    if table is not None and "columns" in table:
        described = {column.name: column.description for column in query.columns}
        table["headings"] = [described.get(name) or name for name in table["columns"]]
    return visit.show("question.html", query.title, query=query, given=given, table=table)


def _node(visit: Visit, text: str) -> NamedNode:
    """An IRI, a prefixed name, or the name of one thing. Raises ProblemError 422."""
    node = node_named(text)
    if node is not None:
        return node
    words = plain(text).split()
    found = [
        term
        for term in find_by_words(visit.snapshot, words)
        if isinstance(term, NamedNode) and plain(visit.links.name(term)).split() == words
    ]
    if len(found) == 1:
        return found[0]
    hint = "Copy the identifier from the foot of its page."
    detail = f"{len(found) or 'nothing'} {'things are' if found else 'is'} called {text[:200]!r}"
    raise ProblemError(422, "validation-failed", detail, hint=hint)


@router.get("/query")
def query_page(
    visit: Visiting,
    query: Annotated[str, Query(max_length=20_000)] = "",
    saved: Annotated[str, Query(max_length=100)] = "",
    taken: Annotated[Literal["", "csv", "json"], Query(alias="as")] = "",
) -> Response:
    """An editor where scripts run, a plain form where not; ``saved`` names a question to begin from."""
    table, problem = None, None
    text = query or (CATALOGUE[saved].text if saved in CATALOGUE else _START)
    if query.strip():
        try:
            with as_problems():
                if taken:
                    return _file(visit, query, taken)
                table = _answer(visit, query)
        except ProblemError as error:
            problem = error
    shown = visit.show(
        "query.html",
        "Query",
        200 if problem is None else problem.status,
        query=text,
        saved=saved,
        queries=list(CATALOGUE.values()),
        table=table,
        problem=problem,
        editor=not visit.moment,  # it asks the endpoint, which answers of the present
        known=list(PREFIXES),
        prefixes=json.dumps(PREFIXES),
    )
    shown.headers["Content-Security-Policy"] = _EDITOR_POLICY
    return shown


def _ask(visit: Visit, text: str, accept: str) -> tuple[QueryResult, Snapshot]:
    if visit.moment:
        return ask_past(visit.core, visit.caller, visit.snapshot, text, accept)
    return ask(visit.core, visit.caller, text, accept)


def _file(visit: Visit, text: str, kind: str) -> Response:
    result, snapshot = _ask(visit, text, _TAKEN[kind])
    answer = respond(result, snapshot)
    answer.headers["Content-Disposition"] = f'attachment; filename="answer.{kind}"'
    return answer


def _answer(visit: Visit, text: str) -> dict[str, Any]:
    """Columns and rows of links; or ``text`` for a graph, ``yes`` for a yes-or-no question."""
    result, _ = _ask(visit, text, _ACCEPT)
    with result:
        body = b"".join(result)
    if "json" not in result.media_type:
        return {"text": body.decode()}
    content = json.loads(body)
    if "boolean" in content:
        return {"yes": content["boolean"]}
    columns = content["head"]["vars"]
    bindings = content["results"]["bindings"]
    rows = [
        [_link(visit, binding.get(column)) for column in columns] for binding in bindings[:_ROWS]
    ]
    return {"columns": columns, "headings": columns, "rows": rows, "total": len(bindings)}


def _link(visit: Visit, value: dict[str, str] | None) -> Link:
    if value is None:
        return Link("", "")
    if value["type"] == "uri":
        return visit.links.to(NamedNode(value["value"]))
    if value["type"] == "literal":
        return visit.links.to(RdfLiteral(value["value"]))
    return Link("_:" + str(value["value"]), "")
