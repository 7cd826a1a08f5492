"""The workspace a call is about, opened only when a command asks for it."""

from dataclasses import dataclass
from pathlib import Path

from aims_graph.workspace import Workspace


@dataclass(slots=True)
class Current:
    """Set once from the global options, read by the commands."""

    path: Path | None = None
    opened: Workspace | None = None

    def workspace(self) -> Workspace:
        """Raises InputError when there is no workspace here."""
        if self.opened is None:
            self.opened = Workspace.find(self.path)
        return self.opened

    def _existing(self) -> Workspace | None:
        return self.workspace() if Workspace.exists(self.path) else None

    def iso_text(self) -> Path | None:
        workspace = self._existing()
        return workspace.iso_text if workspace else None

    def own_shapes(self) -> list[Path]:
        workspace = self._existing()
        return workspace.shapes if workspace else []


current = Current()
