"""Where a thing has its page, and which addresses from the data may be links at all."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode

from aims_api.evaluation import Snapshot
from aims_api.things import coded, members
from aims_graph.assessment import Finding, Requirement, Rule
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.vocabulary import AIMS, RDF, SHAPES, XSD

ROOT: Final = "/pages"
_UNNAMED: Final = "(without a name)"
_BOOLEAN: Final = XSD + "boolean"
_YES_NO: Final = {"true": "yes", "1": "yes", "false": "no", "0": "no"}
#: "pricing.hasRoleAssignment-1": the first role assignment that the form of "pricing" holds.
_MADE: Final = re.compile(r"\.[a-z]\w*-\d+$")
_TYPE: Final = NamedNode(RDF + "type")
#: Of what a thing without a name leads to, so much is said.
_ENDS: Final = 3


@dataclass(frozen=True, slots=True)
class Link:
    """``href`` is empty when there is nowhere to go."""

    text: str
    href: str


class Links:
    """To the pages of one evaluation; labels are read from it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._reader: Reader = snapshot.reader
        self._ontology = Reader(snapshot.rules.ontology)

    def to(self, term: Term | None) -> Link:
        """The thing by its label, with the address of its page; a literal by its text."""
        if term is None:
            return Link("", "")
        if isinstance(term, Literal):
            if term.datatype.value == _BOOLEAN:
                return Link(_YES_NO.get(term.value, term.value), "")
            return Link(term.value, web_address(term.value))
        return Link(self.name(term), self.href(term))

    def name(self, term: Term) -> str:
        if isinstance(term, NamedNode) and term in self._snapshot.assessment.requirements:
            requirement = self._snapshot.assessment.requirements[term]
            return f"{requirement.number} {requirement.title}"
        if isinstance(term, BlankNode):
            label = self._reader.label(term)
            return _UNNAMED if label == str(term) else label
        return self._made_name(term) or self._reader.label(term) or term.value

    def _made_name(self, term: Term) -> str:
        """Of a thing whose IRI was made from its place in a form, and that nobody named: its class and what it
        leads to. Empty for others.
        """
        reader = self._reader
        local = local_name(term)
        if not _MADE.search(local) or reader.label(term) != local:
            return ""
        kinds = (
            k for k in reader.types(term) if isinstance(k, NamedNode) and k.value.startswith(AIMS)
        )
        kind = min((reader.label(k) for k in kinds), default="")
        holders, ends = set(), set()
        for predicate in reader.predicates():
            if predicate != _TYPE:
                holders |= set(reader.subjects(predicate, term))
                ends |= set(reader.objects(term, predicate))
        holder = min((reader.label(h) for h in holders), default="")
        led_to = sorted(reader.label(end) for end in ends if isinstance(end, NamedNode))
        parts = f"{kind} of {holder}" if holder else kind, ", ".join(led_to[:_ENDS])
        return ": ".join(filter(None, parts)) if kind else ""

    def href(self, term: Term | None) -> str:
        if not isinstance(term, NamedNode):
            return ""
        requirement = self._snapshot.assessment.requirements.get(term)
        if requirement is not None:
            return self.requirement(requirement.number)
        if term.value.startswith(SHAPES):
            return self.rule(term.value.removeprefix(SHAPES))
        if term.value.startswith(AIMS) and self._ontology.types(term):
            return f"{ROOT}/vocabulary/" + quote(term.value.removeprefix(AIMS), safe="")
        key = members(self._snapshot, "systems").get(term)
        return f"{ROOT}/systems/{quote(key, safe='~')}" if key else thing_address(term)

    @staticmethod
    def requirement(number: str) -> str:
        return f"{ROOT}/requirements/{quote(number, safe='')}"

    @staticmethod
    def rule(rule: Rule | str) -> str:
        name = rule if isinstance(rule, str) else rule.name
        return f"{ROOT}/rules/{quote(name, safe='')}"

    @staticmethod
    def finding(finding: Finding | str) -> str:
        name = finding if isinstance(finding, str) else finding.fingerprint
        return f"{ROOT}/findings/{quote(name, safe='')}"

    def served(self, finding: Finding) -> list[Requirement]:
        """The requirements that a finding is about."""
        known = self._snapshot.assessment.requirements
        return [known[iri] for iri in finding.requirements if iri in known]


def thing_address(term: NamedNode) -> str:
    return f"{ROOT}/things/{coded(term)}"


def web_address(text: str) -> str:
    """The text when it is an http(s) address, else "": other schemes may run a program."""
    if any(ord(character) <= 0x20 or character in '<>"\\' for character in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""


def local_address(text: str) -> str:
    """The text when it is one of our pages, else the overview: a sign-in leads to no other site."""
    plain = text.isascii() and text.isprintable() and "\\" not in text and "/../" not in text
    return text if plain and text.startswith(ROOT + "/") else ROOT + "/"
