"""Structured logs: one JSON object a line. Headers, queries and bodies, which hold secrets, are left out."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

#: Made once: a request writes a line.
_WRITER: Final = json.JSONEncoder(ensure_ascii=False)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            # Where, not what: a message may quote what somebody sent.
            line["error"] = type(error).__name__
            line["where"] = [
                f"{frame.name}:{frame.lineno}"
                for frame in traceback.extract_tb(error.__traceback__)
            ][-8:]
        return _WRITER.encode(line)


def set_up_logs(level: str = "INFO") -> None:
    """Of this service to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("aims_api")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
