"""Pages of another date or of an earlier record: what leads on from them stays there."""

import re
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final
from urllib.parse import urlencode

# Links, pictures and the form that writes nothing. Text cannot look like this: its quotes are escaped.
_ADDRESS: Final = re.compile(
    r'(?<!data-present )\b(href|src|action)="'
    r'((?:/pages/(?!static/|sign-|journal)|/exports/)[^"#]*)((?:#[^"]*)?)"'
)
_FORM: Final = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')
_OWN: Final = re.compile(r"[?;&](?:as_of|at)=")


@dataclass(frozen=True, slots=True)
class Moment:
    """False when it is the present."""

    as_of: date | None = None
    at: str | None = None

    def __bool__(self) -> bool:
        return bool(self._fields)

    @property
    def _fields(self) -> dict[str, str]:
        fields = {
            "as_of": "" if self.as_of is None else self.as_of.isoformat(),
            "at": self.at or "",
        }
        return {name: value for name, value in fields.items() if value}

    def keep(self, address: str) -> str:
        """The address with the moment, unless it names one itself."""
        if not self or _OWN.search(address):
            return address
        return address + ("&" if "?" in address else "?") + urlencode(self._fields)

    def keep_in(self, page: str) -> str:
        """The page with its links and its forms that ask at this moment; forms that write stay."""

        def linked(match: re.Match[str]) -> str:
            name, address, rest = match.groups()
            if name == "action" and address != "/pages/what-if":
                return match[0]
            return f'{name}="{escape(self.keep(address.replace("&amp;", "&")))}{rest}"'

        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in self._fields.items()
        )
        return _FORM.sub(lambda match: match[0] + hidden, _ADDRESS.sub(linked, page))
