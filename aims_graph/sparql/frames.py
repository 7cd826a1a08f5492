"""How a worker and its parent talk: frames of one kind byte, a length and that many bytes.

Requests are REQUEST frames with JSON, followed by DATA and END frames where the request has a body. An
answer is HEAD (JSON), any number of DATA, and END (JSON); or ERROR (JSON) at any point.
"""

import json
import struct
from typing import Any, BinaryIO, Final

REQUEST: Final = b"R"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"

_HEADER: Final = struct.Struct(">cI")
CHUNK: Final = 1 << 16


def write_frame(file: BinaryIO, kind: bytes, body: bytes = b"") -> None:
    file.write(_HEADER.pack(kind, len(body)))
    file.write(body)
    file.flush()


def write_json(file: BinaryIO, kind: bytes, value: dict[str, Any]) -> None:
    write_frame(file, kind, json.dumps(value).encode())


def read_frame(file: BinaryIO) -> tuple[bytes, bytes]:
    """Raises EOFError when the other side is gone."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    kind, length = _HEADER.unpack(header)
    body = file.read(length)
    if len(body) < length:
        raise EOFError
    return kind, body
