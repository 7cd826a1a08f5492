"""Other SPARQL 1.1 stores, read over HTTP when the user says so. Nothing is ever written to them: a request of
several update operations is not atomic everywhere, so the journal could not vouch for it.

How stores differ is described in docs/sparql.md ("Remote stores").
"""

import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.sparql.errors import LimitError, TimeLimitError
from aims_graph.sparql.from_clauses import read_prefixes
from aims_graph.sparql.guard import check_text
from aims_graph.sparql.limits import Limits
from aims_graph.sparql.remote_results import Solutions, read_results
from aims_graph.sparql.tokens import read_tokens
from aims_graph.sparql.untrusted import parse_untrusted
from aims_graph.vocabulary import PREFIXES

_JSON: Final = "application/sparql-results+json"
_N_TRIPLES: Final = "application/n-triples"
#: Graphs that Virtuoso keeps for itself.
_OF_VIRTUOSO: Final = (
    "http://www.openlinksw.com/",
    "http://localhost:8890/",
    "http://www.w3.org/ns/ldp#",
    "http://www.w3.org/2002/07/owl#",
    "urn:activitystreams-owl:map",
    "urn:core:services:sparql",
    "urn:virtuoso:",
)
_SIZE: Final = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <%s> { ?s ?p ?o } }"
_CONTENT: Final = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <%s> { ?s ?p ?o } }"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """``union_default_graph``: None when the store holds nothing to tell it by. ``timeout``: whether it takes
    a limit of time with the request. ``graph_store``: whether graphs can be fetched by the Graph Store Protocol.
    """

    server: str
    union_default_graph: bool | None
    timeout: bool
    graph_store: bool
    authenticated: bool


class RemoteStore:
    """An endpoint that answers queries. ``headers`` go with every request, such as Authorization."""

    def __init__(
        self,
        endpoint: str,
        *,
        graph_store: str | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Raises InputError when an address is not http or https."""
        for address in filter(None, (endpoint, graph_store)):
            if urlsplit(address).scheme not in ("http", "https"):
                raise InputError(f"{address} is no http address")
        self.endpoint, self.graph_store = endpoint, graph_store
        self.limits = limits or Limits(seconds=60)
        self._headers = dict(headers or {})
        self._opener = urllib.request.build_opener(_NoRedirects)
        self._found: Capabilities | None = None

    # Asking

    def capabilities(self) -> Capabilities:
        """Found out by asking, once. Raises InputError when the endpoint does not answer."""
        if self._found is None:
            with self._send({"query": "ASK {}"}, _JSON) as response:
                server = response.headers.get("Server", "")
            self._found = Capabilities(
                server=server,
                union_default_graph=self._has_union(),
                timeout=server.startswith("Virtuoso"),
                graph_store=self._has_graph_store(),
                authenticated="Authorization" in self._headers,
            )
        return self._found

    def query(self, text: str, *, union: bool = True) -> Solutions:
        """Answers a SELECT or ASK. ``union``: the default graph is to be the union of all graphs, by naming
        them where the store does not do that of itself.

        Raises InputError, and TimeLimitError also when the store sent part of the answer only.
        """
        tokens = check_text(text, PREFIXES)
        declared = read_prefixes(tokens, {})
        used = {token.text.partition(":")[0] for token in tokens if token.kind == "name"}
        header = "".join(
            f"PREFIX {name}: <{iri}>\n"
            for name, iri in PREFIXES.items()
            if name in used and name not in declared
        )
        fields: dict[str, Any] = {"query": header + text}
        if union and not self.capabilities().union_default_graph:
            graphs = self.graphs()
            fields["default-graph-uri"] = graphs
            fields["named-graph-uri"] = graphs
        return self._select(fields, is_ask=_is_ask(text))

    def graphs(self) -> list[str]:
        """Names of the graphs, without those a store keeps for itself."""
        found = self._select({"query": "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"})
        names = [row["g"].value for row in found.rows if isinstance(row.get("g"), ox.NamedNode)]
        return sorted(name for name in names if not name.startswith(_OF_VIRTUOSO))

    def size(self, graph: str) -> int:
        found = self._select({"query": _SIZE % ox.NamedNode(graph).value})
        return found.integer("n")

    def pull(self, graphs: Sequence[str] | None = None) -> Iterator[ox.Quad]:
        """The quads of these graphs, by default of all, parsed in a worker.

        Raises LimitError when a store gives less than it has: many cut answers off without a word.
        """
        for graph in self.graphs() if graphs is None else graphs:
            name = ox.NamedNode(graph)
            expected = self.size(graph)
            triples = list(self._triples(graph))
            if len(triples) != expected:
                raise LimitError(
                    f"{name}: the store has {expected} triples and gave {len(triples)}",
                    hint="Raise its limit on results, or take a dump",
                )
            yield from (ox.Quad(t.subject, t.predicate, t.object, name) for t in triples)

    def _triples(self, graph: str) -> list[ox.Quad]:
        if self.graph_store and self.capabilities().graph_store:
            address = f"{self.graph_store}?{urlencode({'graph': graph})}"
            request = urllib.request.Request(address, headers={"Accept": _N_TRIPLES})  # noqa: S310 - only http and https get here
            response = self._open(request)
        else:
            response = self._send({"query": _CONTENT % ox.NamedNode(graph).value}, _N_TRIPLES)
        with response:
            data = self._read(response)
            given = response.headers.get_content_type()
        ending = ".ttl" if given == "text/turtle" else ".nt"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"graph{ending}"
            file.write_bytes(data)
            quads = parse_untrusted(file, limits=self.limits)
        return list(dict.fromkeys(quads))

    # What it can do

    def _has_union(self) -> bool | None:
        text = (
            "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(isIRI(?s) && isIRI(?o)) } LIMIT 1"
        )
        found = self._select({"query": text}).rows
        if not found:
            return None
        row = found[0]
        return self._select(
            {"query": f"ASK {{ {row['s']} {row['p']} {row['o']} }}"}, is_ask=True
        ).boolean

    def _has_graph_store(self) -> bool:
        if self.graph_store is None:
            return False
        request = urllib.request.Request(  # noqa: S310  (checked above)
            f"{self.graph_store}?default", headers={"Accept": _N_TRIPLES}
        )
        try:
            with self._open(request):
                return True
        except InputError:
            return False

    # HTTP

    def _select(self, fields: Mapping[str, Any], *, is_ask: bool = False) -> Solutions:
        with self._send(fields, _JSON) as response:
            data = self._read(response)
        return read_results(data, is_ask=is_ask, limits=self.limits)

    def _send(self, fields: Mapping[str, Any], accept: str) -> HTTPResponse:
        fields = dict(fields)
        if self._found is not None and self._found.timeout:
            fields["timeout"] = int(self.limits.seconds * 1000)
        body = urlencode(fields, doseq=True).encode()
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        request = urllib.request.Request(self.endpoint, data=body, headers=headers)  # noqa: S310 - only http and https get here
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> HTTPResponse:
        for name, value in self._headers.items():
            request.add_unredirected_header(name, value)
        try:
            response: HTTPResponse = self._opener.open(request, timeout=self.limits.seconds)
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace").strip().splitlines()
            detail = f": {said[0][:200]}" if said else ""
            raise InputError(f"{self.endpoint} answered {error.code}{detail}") from None
        except TimeoutError:
            raise self._late() from None
        except (urllib.error.URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._late() from None
            raise InputError(f"{self.endpoint} cannot be reached: {reason}") from None
        # Virtuoso: a part of the answer, sent as if it were all of it.
        if response.headers.get("X-SQL-State") or response.headers.get("X-Exec-Milliseconds-Limit"):
            response.close()
            message = response.headers.get("X-SQL-Message", "time limit")
            raise TimeLimitError(
                f"{self.endpoint} gave part of the answer only ({message})",
                hint="Ask for less, or raise the store's limit",
            )
        return response

    def _read(self, response: HTTPResponse) -> bytes:
        try:
            data = response.read(self.limits.bytes + 1)
        except TimeoutError:
            raise self._late() from None
        except OSError as error:
            raise InputError(f"{self.endpoint} broke off: {error}") from None
        if len(data) > self.limits.bytes:
            raise LimitError(f"the answer is larger than {self.limits.bytes} bytes")
        return data

    def _late(self) -> TimeLimitError:
        return TimeLimitError(f"{self.endpoint} did not answer within {self.limits.seconds:g} s")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The user named one server; another one, and what is sent to it, would be somebody else's choice."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],  # noqa: ARG002 - the library's signature
        code: int,
        msg: str,  # noqa: ARG002 - the library's signature
        headers: HTTPMessage,  # noqa: ARG002 - the library's signature
        newurl: str,
    ) -> None:
        raise InputError(f"{req.full_url} answered {code}: it has moved", hint=f"Name {newurl}")


def _is_ask(text: str) -> bool:
    """Whether the first keyword after the declarations is ASK."""
    tokens = [token for token in read_tokens(text) if token.kind == "word"]
    forms = (token for token in tokens if token.text.upper() not in ("PREFIX", "BASE"))
    first = next(forms, None)
    return first is not None and first.is_word("ASK")
