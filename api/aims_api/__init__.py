"""The HTTP service over a workspace: compliance, records, SPARQL, events."""

from aims_api.app import create_app
from aims_api.settings import Oidc, Settings

__all__ = ["Oidc", "Settings", "create_app"]
