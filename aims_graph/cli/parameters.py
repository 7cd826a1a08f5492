"""Texts, paths and choices of a command line without pydantic.

Recent versions of Typer read every parameter with pydantic, whose import takes longer than most commands take. What is
read here means the same; everything else, and every value that is wrong, is left to Typer.
"""

import os
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from typer.core import TyperCommand, TyperGroup

_READER: Final = "_runtime_param"

#: What Typer may be asked to do with a value, and what asks for nothing.
_USUAL: Final = {
    "exists": False,
    "file_okay": True,
    "dir_okay": True,
    "readable": True,
    "writable": False,
    "resolve_path": False,
    "path_type": None,
    "parser": None,
    "click_type": None,
}


class Plain:
    """Stands in for what Typer makes of one parameter, which it asks to ``coerce`` the value."""

    def __init__(self, parameter: Any) -> None:
        self._parameter = parameter
        described = parameter.type_descriptor
        kind = described.annotation
        self._kind = get_args(kind)[0] if get_origin(kind) is list else kind
        asked = described.parameter_info
        self._is_plain = all(getattr(asked, name, usual) == usual for name, usual in _USUAL.items())

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        try:
            return [self._read(each) for each in value] if several else self._read(value)
        except ValueError:
            setattr(self._parameter, _READER, None)
            return self._parameter.get_runtime_param().coerce(value, param=param, ctx=ctx)

    def _read(self, value: Any) -> Any:
        """Raises ValueError for what Typer must read."""
        kind = self._kind
        if self._is_plain and isinstance(value, str):
            if kind is str:
                return value
            if kind is Path and (not os.path.exists(value) or os.access(value, os.R_OK)):  # noqa: PTH110 - Path is what it may become
                return Path(value)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(value)
        raise ValueError(value)


def _simplified(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        # None until Typer needs it. A Typer that has no such attribute does without pydantic.
        if getattr(parameter, _READER, parameter) is None:
            setattr(parameter, _READER, Plain(parameter))
    return parameters


class Command(TyperCommand):
    def get_params(self, ctx: Any) -> list[Any]:
        return _simplified(super().get_params(ctx))


class Group(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        return _simplified(super().get_params(ctx))
