"""The command ``aims-api``."""

import argparse
import gc
import socket
import sys
from pathlib import Path
from typing import Any, Final

import uvicorn

from aims_api.app import create_app
from aims_api.callers import Role
from aims_api.connections import Connection
from aims_api.evaluation import Snapshot
from aims_api.events import Feeds
from aims_api.logs import set_up_logs
from aims_api.snapshots import ALL
from aims_graph import __version__
from aims_graph.errors import InputError
from aims_graph.workspace import Workspace

_SWITCH_SECONDS: Final = 0.0005
UVICORN: Final[dict[str, Any]] = {
    "access_log": False,
    "log_level": "warning",
    "server_header": False,
    "http": Connection,
    "ws": "none",
    "timeout_keep_alive": 30,
    "limit_concurrency": 500,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="aims-api", description="Serve a workspace over HTTP.")
    parser.add_argument("--version", action="version", version=f"aims-api {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="Serve the workspace in a folder.")
    command.add_argument("folder", metavar="DIR", type=Path)
    command.add_argument("--host", default="127.0.0.1", help="Default: this machine only.")
    command.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    try:
        serve(given.folder, given.host, given.port)
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - a command
        sys.exit(2)


def serve(folder: Path, host: str, port: int) -> None:
    """Runs until it is stopped. The first start makes an admin's key and prints it, once."""
    workspace = Workspace.find(folder)
    set_up_logs()
    app = create_app(workspace)
    keys = app.state.core.keys
    if not keys.any:
        made = keys.create("admin", [Role.ADMIN], read=["*"], write=["*"])
        print(f"Admin key, shown this once: {made.text}", flush=True)  # noqa: T201 - a command
    app.state.core.snapshots.listeners.append(_leave_to_itself)
    # While an evaluation reckons in its thread, an answer waits at most this long at a time.
    sys.setswitchinterval(_SWITCH_SECONDS)
    config = uvicorn.Config(app, host=host, port=port, **UVICORN)
    _Server(config, app.state.core.feeds).run()


def _leave_to_itself(key: tuple[str, ...], old: Snapshot | None, _: Snapshot) -> None:
    """What is there after the first evaluation mostly stays: searching it for garbage again and again would keep
    everybody waiting some tenths of a second.
    """
    if key == ALL and old is None:
        gc.collect()
        gc.freeze()


class _Server(uvicorn.Server):
    """Ends streams of events before it waits for answers under way: a stream never ends by itself."""

    def __init__(self, config: uvicorn.Config, feeds: Feeds) -> None:
        super().__init__(config)
        self._feeds = feeds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feeds.close()
        await super().shutdown(sockets)
