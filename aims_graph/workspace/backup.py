"""A workspace as one file, and back: verified before it is used."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from aims_graph.errors import InputError
from aims_graph.journal.blobs import blob_path
from aims_graph.journal.disk import sync_folder
from aims_graph.journal.entry import canonical
from aims_graph.journal.heads import Head, head_from
from aims_graph.journal.log import BLOBS, ENTRIES, IDENTITY
from aims_graph.journal.verification import Verification, verify
from aims_graph.workspace.folder import (
    EVIDENCE,
    ISO_TEXT,
    JOURNAL,
    POLICY,
    SERVICE,
    SERVICE_STORE,
    SETTINGS,
    SHAPES,
)
from aims_graph.workspace.workspace import Workspace

MANIFEST: Final = "manifest.json"
_ROOT: Final = "workspace"
#: Of what unpacks to more, a backup is refused.
_MOST_BYTES: Final = 64 << 30


def backup(workspace: Workspace, file: Path, *, service: bool = True) -> Head:
    """Writes a tar file that only its owner can read: the journal as far as it is committed, its head, the
    organization's own shapes, queries, policy and text of the standard, and the files of evidence. With
    ``service`` also the settings of the service and what it remembers: hashes of keys, secrets of webhooks.
    Writers wait meanwhile, readers do not. Raises InputError when the file exists.
    """
    if file.exists():
        raise InputError("there is such a file already", file=file)
    with workspace.journal.writing(wait=10.0):
        checked = verify(workspace.journal.folder)
        if not checked.good:
            raise InputError(checked.problems[0], hint="A damaged journal is not backed up")
        temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with (
                os.fdopen(handle, "wb") as stream,
                _copies(workspace.path, file.absolute().parent, service=service) as copies,
            ):
                with tarfile.open(
                    fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, dereference=True
                ) as tar:
                    _fill(tar, workspace, checked, copies)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(file.absolute().parent)
    return checked.head


@contextmanager
def _copies(folder: Path, scratch: Path, *, service: bool) -> Iterator[dict[str, Path]]:
    """What the service keeps, by name in the backup. It may be running: its store is copied as at one moment."""
    if not service:
        yield {}
        return
    found = {SETTINGS: folder / SETTINGS} if (folder / SETTINGS).is_file() else {}
    store = folder / SERVICE / SERVICE_STORE
    with tempfile.TemporaryDirectory(prefix=".aims-backup-", dir=scratch) as copies:
        if store.is_file():
            copy = found[f"{SERVICE}/{SERVICE_STORE}"] = Path(copies) / SERVICE_STORE
            with (
                closing(sqlite3.connect(store)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
            copy.chmod(0o600)
        yield found


def _fill(
    tar: tarfile.TarFile, workspace: Workspace, checked: Verification, copies: dict[str, Path]
) -> None:
    """The manifest comes first, so that a file cut short is known to lack something."""
    evidence = (
        path for path in (workspace.path / EVIDENCE).rglob("*") if not path.name.startswith(".")
    )
    named = (*workspace.shapes, *workspace.queries, *sorted(evidence))
    files = {path.relative_to(workspace.path).as_posix(): path for path in named}
    files |= {name: workspace.path / name for name in (POLICY, ISO_TEXT)} | copies
    files = {name: path for name, path in files.items() if path.is_file()}
    manifest = {
        "head": checked.head.to_json(),
        "files": {name: _hash_of(path) for name, path in files.items()},
    }
    _add(tar, MANIFEST, canonical(manifest) + b"\n")
    folder = workspace.journal.folder
    tar.add(folder / IDENTITY, f"{_ROOT}/{JOURNAL}/{IDENTITY}")
    with (folder / ENTRIES).open("rb") as entries:
        member = tar.gettarinfo(arcname=f"{_ROOT}/{JOURNAL}/{ENTRIES}", fileobj=entries)
        member.size = checked.size
        tar.addfile(member, entries)
    for name in sorted(checked.blobs):
        path = blob_path(folder / BLOBS, name)
        tar.add(path, f"{_ROOT}/{JOURNAL}/{BLOBS}/{path.name}")
    for name, path in files.items():
        tar.add(path, f"{_ROOT}/{name}")


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(f"{_ROOT}/{name}")
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def restore(file: Path, folder: Path, head: Head | None = None) -> Verification:
    """Makes ``folder`` the workspace of a backup, once that has been verified.

    Raises InputError, and leaves nothing, when the folder is not new or empty, or the backup is bad.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder to restore to is not empty", file=folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _unpacked(file, folder.absolute().parent) as unpacked:
        checked = verify_unpacked(unpacked, head)
        if not checked.good:
            raise InputError(checked.problems[0], file=file, hint="Nothing was restored")
        (unpacked / MANIFEST).unlink()
        (unpacked / SHAPES).mkdir(exist_ok=True)
        if (unpacked / SERVICE).is_dir():
            (unpacked / SERVICE).chmod(0o700)
        for path in unpacked.rglob("*"):
            if path.is_file():
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        if folder.exists():
            folder.rmdir()
        unpacked.rename(folder)
        sync_folder(folder.absolute().parent)
    return checked


def verify_bundle(file: Path, head: Head | None = None) -> Verification:
    """Verifies a backup without restoring it."""
    with _unpacked(file, None) as unpacked:
        return verify_unpacked(unpacked, head)


def verify_unpacked(folder: Path, head: Head | None) -> Verification:
    checked = verify(folder / JOURNAL, head)
    # Named by their place in the backup: where it was unpacked is gone when this is read.
    unpacked = f"{folder}{os.sep}"
    checked.problems = [problem.replace(unpacked, "") for problem in checked.problems]
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        own, sums = head_from(manifest["head"]), dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        checked.problems.append("the backup has no manifest")
        return checked
    found = checked.head
    if (own.journal, own.size, own.root) != (found.journal, found.size, found.root):
        checked.problems.append("the journal is not the one that the backup was made of")
    present = {
        path.relative_to(folder).as_posix(): _hash_of(path)
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in {JOURNAL, MANIFEST}
    }
    checked.problems += [
        f"{name} is missing from the backup, changed, or was put in"
        for name in sorted(present.keys() | sums.keys())
        if present.get(name) != sums.get(name)
    ]
    return checked


@contextmanager
def _unpacked(file: Path, parent: Path | None) -> Iterator[Path]:
    """A folder, gone afterwards, with what the tar file holds. Raises InputError on anything odd."""
    scratch = Path(tempfile.mkdtemp(prefix=".aims-restore-", dir=parent))
    try:
        try:
            with tarfile.open(file, "r:") as tar:
                _check_members(tar, file)
                tar.extractall(scratch, filter="data")
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise _as_input_error(error, file) from None
        if not (scratch / _ROOT / JOURNAL).is_dir():
            raise InputError("this is not a backup of a workspace", file=file)
        yield scratch / _ROOT
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _as_input_error(error: Exception, file: Path) -> InputError:
    if isinstance(error, InputError):
        return error
    return InputError(f"this is not a whole backup: {error}", file=file)


def _check_members(tar: tarfile.TarFile, file: Path) -> None:
    size = 0
    for member in tar:
        size += member.size
        plain = member.isreg() or member.isdir()
        if not plain or not member.name.startswith(f"{_ROOT}/") or ".." in member.name.split("/"):
            raise InputError(f"a backup holds no such thing as {member.name!r}", file=file)
        if size > _MOST_BYTES:
            raise InputError("the backup unpacks to too much", file=file)
