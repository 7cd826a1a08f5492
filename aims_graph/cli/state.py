"""The workspace a call is about, opened only when a command asks for it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

# A workspace takes long to import, and a call that names files needs none.
if TYPE_CHECKING:
    from aims_graph.workspace import Workspace

#: As ``aims_graph.workspace.JOURNAL``: the folder that makes a folder a workspace.
_JOURNAL: Final = "journal"
_QUERIES: Final = "queries"


@dataclass(slots=True)
class Current:
    """Set once from the global options, read by the commands."""

    path: Path | None = None
    at: str | None = None
    opened: "Workspace | None" = None

    def workspace(self) -> "Workspace":
        """Raises InputError when there is no workspace here."""
        from aims_graph.workspace import Workspace

        if self.opened is None:
            self.opened = Workspace.find(self.path, at=self.at)
        return self.opened

    def existing(self) -> "Workspace | None":
        """None when there is no workspace here."""
        return self.workspace() if self._is_workspace() else None

    def _is_workspace(self) -> bool:
        return ((self.path or Path()) / _JOURNAL).is_dir()

    def iso_text(self) -> Path | None:
        workspace = self.existing()
        return workspace.iso_text if workspace else None

    def own_queries(self) -> Path | None:
        """The folder of the organization's own queries; None without a workspace, or without queries."""
        folder = (self.path or Path()) / _QUERIES
        return folder if self._is_workspace() and folder.is_dir() else None

    def journal_folder(self) -> Path:
        """Of a workspace that is not opened, so that nothing in it is touched. Raises InputError."""
        from aims_graph.workspace import JOURNAL, Workspace

        return Workspace.folder(self.path) / JOURNAL

    def is_inside(self, path: Path) -> bool:
        """Whether a file would stand in the workspace, if there is one."""
        folder = self.path or Path()
        return self._is_workspace() and path.resolve().is_relative_to(folder.resolve())

    def day(self) -> date:
        """The date that rules are judged at when none is given: today, or that of the moment."""
        if self.at is None:
            return date.today()  # noqa: DTZ011 - the user's own calendar day is meant
        return self.workspace().day

    def notices(self) -> list[str]:
        """What the journal had to mend while it was used."""
        return self.opened.journal.notices if self.opened else []


current = Current()
