"""Key files: where they stand, and what is none."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import x25519

from aims_graph.errors import InputError
from aims_graph.journal.heads import Head
from aims_graph.journal.keys import create_key, is_signed_by, key_folder, read_public_key, sign

HEAD = Head("a" * 64, 3, "b" * 64, "2026-01-01T00:00:00+00:00")


def test_keys_stand_where_settings_of_programs_stand(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
    assert key_folder() == Path("/elsewhere/aims/keys")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert key_folder() == Path.home() / ".config" / "aims" / "keys"


def test_a_public_key_is_read_from_either_file_of_a_pair(tmp_path):
    private = tmp_path / "a.key"
    public, name = create_key(private)
    assert read_public_key(private) == read_public_key(public) == name
    assert private.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_key_of_the_kind_is_refused(tmp_path):
    file, other = tmp_path / "text", tmp_path / "other.key"
    file.write_text("hello")
    other.write_bytes(
        x25519.X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(InputError, match="no Ed25519 public key"):
        read_public_key(file)
    for path in (file, other):
        with pytest.raises(InputError, match="no Ed25519 private key"):
            sign(HEAD, path)
    with pytest.raises(InputError, match="no Ed25519 private key"):
        read_public_key(other)


def test_a_signature_holds_for_one_key_and_one_head(tmp_path):
    _, name = create_key(tmp_path / "a.key")
    _, other = create_key(tmp_path / "b.key")
    signed = sign(HEAD, tmp_path / "a.key")
    assert is_signed_by(signed, name)
    assert not is_signed_by(signed, other)
    assert not is_signed_by(HEAD, name)
    assert not is_signed_by(Head(HEAD.journal, 4, HEAD.root, HEAD.time, name, signed.signature), name)  # fmt: skip
    assert not is_signed_by(Head(HEAD.journal, 3, HEAD.root, HEAD.time, name, "zz"), name)
