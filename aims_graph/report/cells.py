"""Cells of spreadsheets: text that a spreadsheet program would run as a formula is made text again."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str | int | float:
    """Numbers stay numbers; text that starts like a formula gets a leading apostrophe (OWASP, CSV injection)."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
