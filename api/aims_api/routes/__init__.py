"""One router a concern."""

from aims_api.routes import (
    evidence,
    exports,
    findings,
    gate,
    graphs,
    health,
    imports,
    journal,
    keys,
    queries,
    record_changes,
    records,
    sessions,
    sparql,
    status,
    terms,
    what_if,
)

ROUTERS = (
    health.router,
    sessions.router,
    keys.router,
    status.router,
    findings.router,
    gate.router,
    what_if.router,
    journal.router,
    exports.router,
    imports.router,
    evidence.router,
    sparql.router,
    graphs.router,
    queries.router,
    terms.router,
    # Their addresses begin with a kind of record, so they come last.
    records.router,
    record_changes.router,
)
