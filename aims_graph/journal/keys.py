"""Ed25519 keys and the tree heads they sign. Private keys stand outside of the workspace."""

import json
import os
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from aims_graph.errors import InputError
from aims_graph.journal.disk import write_durably
from aims_graph.journal.entry import canonical
from aims_graph.journal.heads import Head, head_from


def key_folder() -> Path:
    """Where keys stand unless another place is named."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "aims" / "keys"


def create_key(path: Path) -> tuple[Path, str]:
    """Writes a new private key (mode 0600) and, beside it, the public one; returns that file and the
    public key in hex. Raises InputError when there is a file already.
    """
    public_file = path.with_suffix(".pub")
    for file in (path, public_file):
        if file.exists():
            raise InputError("there is a key already", file=file)
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, pem, mode=0o600)
    write_durably(public_file, public_pem)
    return public_file, _name(private.public_key())


def sign(head: Head, key: Path) -> Head:
    """Raises InputError when the file holds no Ed25519 private key."""
    private = _load_private(key)
    signature = private.sign(canonical(head.statement())).hex()
    return replace(head, key=_name(private.public_key()), signature=signature)


def is_signed_by(head: Head, key: str) -> bool:
    """Whether the head carries a valid signature of this public key (hex)."""
    if not head.signature or head.key != key:
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(head.signature), canonical(head.statement()))
    except (InvalidSignature, ValueError):
        return False
    return True


def read_head(path: Path) -> Head:
    """Raises InputError when it is no head, or signed but not by the key it names."""
    try:
        head = head_from(json.loads(path.read_bytes()))
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError("this is not a tree head", file=path) from None
    if head.signature and not is_signed_by(head, head.key):
        raise InputError("the signature of this head is not valid", file=path)
    return head


def read_public_key(path: Path) -> str:
    """In hex, of a public or private key file. Raises InputError when it is neither."""
    data = path.read_bytes()
    if b"PRIVATE" in data:
        return _name(_load_private(path).public_key())
    try:
        key = serialization.load_pem_public_key(data)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("this is no Ed25519 public key in PEM", file=path)
    return _name(key)


def _load_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("this is no Ed25519 private key in PEM without password", file=path)
    return key


def _name(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()
