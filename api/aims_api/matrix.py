"""Who may use which route: a table made from OpenAPI, kept in the repository so that changes are seen.

Write it anew with ``python -m aims_api.matrix > docs/api-rights.md``.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aims_api.app import create_app
from aims_api.callers import GRANTED, Permission, Role
from aims_api.openapi import RIGHT
from aims_graph.workspace import Workspace


def rows(schema: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Method, path, right, then yes or no for no credential and each role."""
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            right = operation[RIGHT]  # KeyError: a route that says nothing of who may use it
            public = right == "none"
            may = ["yes" if public else "no"]
            may += [
                "yes" if public or Permission(right) in GRANTED[role] else "no" for role in Role
            ]
            yield method.upper(), path, right, *may


def write_matrix(schema: Mapping[str, Any]) -> str:
    head = ("Method", "Path", "Right", "nobody", *Role)
    lines = [
        "# Who may use which route",
        "",
        "Made from OpenAPI by `python -m aims_api.matrix`. What is read or written is besides bound to the "
        "named graphs of the caller; `POST /sparql` with an update takes the right to write or to approve.",
        "",
        f"| {' | '.join(head)} |",
        "|" + "---|" * len(head),
        *(f"| {' | '.join((m, f'`{p}`', *rest))} |" for m, p, *rest in rows(schema)),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Workspace.create(Path(folder) / "workspace"))
        sys.stdout.write(write_matrix(app.openapi()))


if __name__ == "__main__":
    main()
