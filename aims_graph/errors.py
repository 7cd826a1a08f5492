"""Errors that are the user's to mend: they say where and what to do, and end in exit code 2."""

from pathlib import Path


class InputError(ValueError):
    """Something the user gave is wrong: a file, a query, an option."""

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        where = ":".join(
            str(part) for part in (self.file, self.line, self.column) if part is not None
        )
        text = f"{where}: {self.message}" if where else self.message
        return f"{text.rstrip('.')}. {self.hint}" if self.hint else text
