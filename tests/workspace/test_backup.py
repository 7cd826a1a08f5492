"""A backup comes back whole, or not at all."""

import io
import tarfile

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from aims_graph.errors import InputError
from aims_graph.journal.verification import verify
from aims_graph.workspace import Workspace
from aims_graph.workspace.backup import backup, restore, verify_bundle

SAID = {"reason": "test", "source": "test"}


def quad(number: int) -> Quad:
    return Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal(f"{number} {'long ' * 10}"))


@pytest.fixture
def written(workspace):
    workspace.commit([quad(n) for n in range(2000)], **SAID)
    workspace.commit([quad(-1)], **SAID)
    (workspace.path / "shapes" / "own.ttl").write_text("# own\n")
    (workspace.path / "policy.yaml").write_text("block: []\n")
    workspace.write_views()
    return workspace


def test_a_backup_is_restored_with_all_that_is_not_made_again(written, tmp_path):
    made = backup(written, tmp_path / "b.tar")
    checked = restore(tmp_path / "b.tar", tmp_path / "restored", made)
    assert checked.head.root == made.root
    restored = Workspace(tmp_path / "restored")
    assert restored.quads() == written.quads()
    names = {str(p.relative_to(restored.path)) for p in restored.path.rglob("*") if p.is_file()}
    assert {"shapes/own.ttl", "policy.yaml"} <= names
    assert not any(name.startswith("views") for name in names)
    assert restored.commit([quad(-2)], **SAID).sequence == 3


def test_what_is_handed_on_can_do_without_what_the_service_keeps(written, tmp_path):
    for name in ("evidence/ab/abcd", "service/service.sqlite", "service.toml"):
        (written.path / name).parent.mkdir(parents=True, exist_ok=True)
        (written.path / name).write_bytes(b"")
    (written.path / "evidence" / "ab" / ".half").write_bytes(b"half written")
    found = {}
    for service in (True, False):
        file, folder = tmp_path / f"{service}.tar", tmp_path / f"restored {service}"
        backup(written, file, service=service)
        assert file.stat().st_mode & 0o777 == 0o600
        assert verify_bundle(file).good
        restore(file, folder)
        found[service] = {
            p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()
        }
    assert found[True] - found[False] == {"service/service.sqlite", "service.toml"}
    assert "evidence/ab/abcd" in found[False]
    assert not any("half" in name for name in found[True])
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".aims")]


def test_a_bundle_is_verified_against_a_head_without_unpacking_it(written, tmp_path):
    old = verify(written.journal.folder).head
    backup(written, tmp_path / "old.tar")
    written.commit([quad(-2)], **SAID)
    backup(written, tmp_path / "new.tar")
    new = verify(written.journal.folder).head
    assert verify_bundle(tmp_path / "new.tar", old).good
    assert verify_bundle(tmp_path / "new.tar", new).good
    assert not verify_bundle(tmp_path / "old.tar", new).good


def test_a_backup_is_refused_when_cut_or_changed_anywhere(written, tmp_path):
    backup(written, tmp_path / "b.tar")
    data = (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "b.tar") as tar:
        members = {member.name: member for member in tar}
    inside = [
        member.offset_data + member.size // 2 for name, member in members.items() if member.size
    ]
    assert len(inside) == 6  # manifest, identity, entries, a blob, shapes, policy
    ends = [member.offset_data + (member.size + 511) // 512 * 512 for member in members.values()]
    for place in inside:
        changed = bytearray(data)
        changed[place] ^= 1
        (tmp_path / "bad.tar").write_bytes(changed)
        with pytest.raises(InputError):
            restore(tmp_path / "bad.tar", tmp_path / "restored")
    for size in (0, 100, 3000, *ends[:-1]):  # also where a member ends
        (tmp_path / "bad.tar").write_bytes(data[:size])
        with pytest.raises(InputError):
            restore(tmp_path / "bad.tar", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".aims")]


@pytest.mark.parametrize("name", ["workspace/../../evil", "/evil", "evil", "workspace/link"])
def test_a_backup_cannot_reach_outside(written, tmp_path, name):
    backup(written, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar", "a") as tar:
        member = tarfile.TarInfo(name)
        if name.endswith("link"):
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(member)
        else:
            member.size = 4
            tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(InputError, match="holds no such thing"):
        restore(tmp_path / "b.tar", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_nothing_is_overwritten(written, tmp_path):
    backup(written, tmp_path / "b.tar")
    with pytest.raises(InputError, match="already"):
        backup(written, tmp_path / "b.tar")
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "b.tar", written.path)


def test_what_is_wrong_in_a_backup_is_named_by_its_place_in_it(written, tmp_path):
    backup(written, tmp_path / "b.tar")
    data = bytearray((tmp_path / "b.tar").read_bytes())
    with tarfile.open(tmp_path / "b.tar") as tar:
        blob = next(member for member in tar if member.name.endswith(".zst"))
    data[blob.offset_data + 50] ^= 1
    (tmp_path / "b.tar").write_bytes(data)
    name = blob.name.removeprefix("workspace/")
    assert (
        verify_bundle(tmp_path / "b.tar").problems[0].startswith(f"{name}: the journal is damaged")
    )
    with pytest.raises(InputError) as error:
        restore(tmp_path / "b.tar", tmp_path / "restored")
    assert str(error.value).startswith(f"{tmp_path / 'b.tar'}: {name}: the journal is damaged")
    assert ".aims-restore" not in str(error.value)
