"""Cells of spreadsheets: text that a spreadsheet program would run as a formula is made text again."""

import re

# Also the full-width forms, which some programs read as the same marks.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def safe_cell(value: object) -> str | int | float:
    """Numbers stay numbers, also those written as text; text that starts like a formula gets a leading
    apostrophe (OWASP, CSV injection).
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    text = "" if value is None else str(value)
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
