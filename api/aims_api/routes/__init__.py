"""One router a concern."""

from aims_api.routes import (
    findings,
    gate,
    health,
    journal,
    keys,
    sessions,
    status,
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
)
