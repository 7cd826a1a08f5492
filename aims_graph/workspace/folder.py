"""What stands in the folder of a workspace, under which names."""

from pathlib import Path
from typing import Final

from aims_graph.columns import Columns
from aims_graph.errors import InputError
from aims_graph.workspace.rules import read_rules_with
from aims_graph.workspace.rules_version import version_of_rules

JOURNAL: Final = "journal"
SHAPES: Final = "shapes"
QUERIES: Final = "queries"
ISO_TEXT: Final = "iso-text.ttl"
POLICY: Final = "policy.yaml"
#: What the service keeps beside the journal: files of evidence, its settings, keys and queues.
EVIDENCE: Final = "evidence"
SETTINGS: Final = "service.toml"
SERVICE: Final = "service"
SERVICE_STORE: Final = "service.sqlite"


class Folder:
    """``journal/`` is the truth, ``views/`` can be made from it again; ``shapes/*.ttl`` and
    ``queries/*.rq`` are the organization's own rules and questions, ``policy.yaml`` says what may not
    be committed, ``iso-text.ttl`` is its licensed text of the standard.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def exists(cls, path: Path | None) -> bool:
        return ((path or Path()) / JOURNAL).is_dir()

    @classmethod
    def folder(cls, path: Path | None) -> Path:
        """The folder, by default the current one. Raises InputError when it is no workspace."""
        folder = path or Path()
        if not cls.exists(folder):
            raise InputError(
                f"{folder.absolute()} is not a workspace",
                hint="Make one with `aims init DIR`, name one with --workspace, or give --data FILE",
            )
        return folder

    @property
    def iso_text(self) -> Path | None:
        return self._file(ISO_TEXT)

    @property
    def policy(self) -> Path | None:
        return self._file(POLICY)

    def _file(self, name: str) -> Path | None:
        path = self.path / name
        return path if path.is_file() else None

    @property
    def shapes(self) -> list[Path]:
        return sorted((self.path / SHAPES).glob("*.ttl"))

    @property
    def queries(self) -> list[Path]:
        return sorted((self.path / QUERIES).glob("*.rq"))

    def rules(self) -> Columns:
        """Our shapes and the organization's own."""
        return read_rules_with(self.shapes)

    def rules_version(self) -> str:
        return version_of_rules(self.shapes)
