"""Characters that mislead a reader of text that others wrote: unseen ones, and those that turn its order."""

import re
from typing import Final

# Controls other than tab and line feed, format characters (zero width, bidirectional, tags), separators
# of lines, lone surrogates, letters and marks that are drawn as nothing.
_UNSEEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff"
)
# The two joiners belong to words of many scripts, and to emoji; among Latin letters they only hide.
_JOINERS: Final = "\u200c\u200d"
_BEYOND_LATIN: Final = "[^\x00-\u02ff]"
_MISLEADING: Final = re.compile(
    f"[{_UNSEEN}]|(?<!{_BEYOND_LATIN})[{_JOINERS}]|[{_JOINERS}](?!{_BEYOND_LATIN})"
)


def reveal(text: str) -> str:
    r"""Each such character as its escape, such as ``\u202e``, so that a reader sees that it is there
    (Unicode Technical Report 36, section 2).
    """
    return _MISLEADING.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
