"""The parts of a mapping file: terms, templates, conditions, transforms, datatypes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.errors import InputError
from aims_graph.ingest import transforms
from aims_graph.ingest.dates import FORMS, PARTIAL, DateRule
from aims_graph.ingest.fields import Fields, suggest
from aims_graph.ingest.iris import Names, Term
from aims_graph.ingest.mapping import Combination, Comparison, Condition, Meaning, Outcome
from aims_graph.ingest.templates import Template, compile_template
from aims_graph.ingest.transforms import Transform
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar
from aims_graph.vocabulary import XSD

_MEANINGS: Final = tuple(meaning.value for meaning in Meaning)
_COMPARISONS: Final = ("equals", "in", "not-in", "blank", "matches")


class PartReader:
    """Every method raises InputError at the place of what is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = Names("", {})

    def fields(self, node: Node, what: str, known: tuple[str, ...] | None) -> Fields:
        return Fields(node, self.path, what, known)

    def fail(self, message: str, at: Node, hint: str | None = None) -> InputError:
        return InputError(message, file=self.path, line=at.line, column=at.column, hint=hint)

    # --- names and terms

    def iri(self, node: Scalar) -> ox.NamedNode:
        found = self.names.iri(node.text)
        if found is None:
            prefix = node.text.partition(":")[0]
            hint = suggest(prefix, self.names.prefixes) if ":" in node.text else None
            raise self.fail(
                f"{node.text!r} is no IRI: write prefix:name with a declared prefix, or <iri>",
                node,
                hint,
            )
        return found

    def types(self, fields: Fields) -> tuple[ox.NamedNode, ...]:
        found = []
        for node in fields.items("type"):
            if not isinstance(node, Scalar):
                raise self.fail("'type' must be a class or a list of classes", node)
            found.append(self.iri(node))
        return tuple(found)

    def terms(self, node: Node) -> tuple[Term, ...]:
        """A term, or a list of terms."""
        nodes = node.items if isinstance(node, ListNode) else [node]
        return tuple(self.term(part) for part in nodes)

    def term(self, node: Node) -> Term:
        if isinstance(node, MapNode):
            fields = self.fields(node, "a term", ("literal", "datatype", "language"))
            text = fields.scalar("literal")
            if text is None:
                raise self.fail("a term written as a map needs 'literal'", node)
            datatype = fields.scalar("datatype")
            return ox.Literal(
                text.text,
                datatype=None if datatype is None else self.iri(datatype),
                language=fields.text("language"),
            )
        if not isinstance(node, Scalar) or node.is_null:
            raise self.fail("a term must be an IRI or a value", node)
        found = self.names.constant(node.text, quoted=node.quoted)
        if found is None:
            prefix = node.text.partition(":")[0]
            raise self.fail(
                f"{node.text!r}: the prefix is not declared",
                node,
                suggest(prefix, self.names.prefixes) or "Quote it when it is text.",
            )
        return found

    def meaning(self, node: Node) -> Outcome:
        """What ``blank`` says: a word, or {value: term}."""
        if isinstance(node, MapNode):
            return self.terms(self.fields(node, "'blank'", ("value",)).required("value"))
        if not isinstance(node, Scalar) or node.text not in _MEANINGS:
            word = node.text if isinstance(node, Scalar) else ""
            hint = suggest(word, _MEANINGS) or f"Known: {', '.join(_MEANINGS)}, or {{value: …}}."
            raise self.fail("'blank' has no such meaning", node, hint)
        return Meaning(node.text)

    def outcome(self, node: Node) -> Outcome:
        """What a listed value means: a term, terms, or one of the words."""
        if isinstance(node, Scalar) and not node.quoted and node.text in _MEANINGS:
            return Meaning(node.text)
        return self.terms(node)

    def template(self, fields: Fields, key: str, *, iri: bool) -> Template | None:
        text = fields.text(key)
        if text is None:
            return None
        try:
            return compile_template(text, iri=iri)
        except ValueError as error:
            raise self.fail(str(error), fields.required(key)) from error

    def datatype(self, fields: Fields) -> tuple[str | None, DateRule | None]:
        rule = None
        date = fields.get("date")
        if date is not None:
            given = self.fields(date, "'date'", ("forms", "partial"))
            forms = tuple(given.texts("forms"))
            for form in forms:
                if form not in FORMS:
                    hint = suggest(form, FORMS) or f"Known forms: {', '.join(FORMS)}."
                    raise self.fail(f"there is no date form {form!r}", date, hint)
            if {"month-day-year", "day-month-year"} <= set(forms):
                raise self.fail(
                    "month-day-year and day-month-year read the same text differently: keep one",
                    date,
                )
            rule = DateRule(forms or ("iso",), given.choice("partial", PARTIAL, "report"))
        node = fields.scalar("datatype")
        if node is None:
            return (None, None) if rule is None else (XSD + "date", rule)
        if node.text == "iri":
            return "iri", None
        iri = self.iri(node).value
        if iri in (XSD + "date", XSD + "dateTime"):
            return iri, rule or DateRule()
        if rule is not None:
            raise self.fail("'date' goes with xsd:date or xsd:dateTime", node)
        return iri, None

    def transform(self, node: Node) -> Transform:
        try:
            if isinstance(node, Scalar):
                return transforms.simple(node.text)
            fields = self.fields(node, "a transform", transforms.NAMES)
            if len(fields.node.entries) != 1:
                raise self.fail("a transform is one word or one key with its setting", node)
            name = next(iter(fields.node.entries))
            if name == "drop":
                return transforms.drop(frozenset(fields.texts(name)))
            if name == "replace":
                inner = self.fields(fields.required(name), "'replace'", ("pattern", "with"))
                inner.required("pattern")
                to = inner.scalar("with")
                return transforms.replace(
                    inner.text("pattern") or "", "" if to is None else to.text
                )
            setting = fields.scalar(name)
            makers: dict[str, Callable[[str], Transform]] = {
                "split": transforms.split,
                "extract": transforms.extract,
            }
            if name not in makers or setting is None or not setting.text:
                raise self.fail(f"{name!r} takes no setting, or needs one", node)
            return makers[name](setting.text)
        except KeyError as error:
            word = node.text if isinstance(node, Scalar) else ""
            hint = suggest(word, transforms.NAMES) or f"Known: {', '.join(transforms.NAMES)}."
            raise self.fail(f"there is no transform {word!r}", node, hint) from error
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise self.fail(str(error), node) from error

    # --- conditions

    def when(self, fields: Fields) -> Condition | None:
        node = fields.get("when")
        return None if node is None else self.condition(node)

    def condition(self, node: Node) -> Condition:
        fields = self.fields(node, "'when'", ("column", "all", "any", "not", *_COMPARISONS))
        keys = set(fields.node.entries)
        if len(keys) == 1 and keys <= {"all", "any", "not"}:
            key = keys.pop()
            parts = tuple(self.condition(part) for part in fields.items(key))
            return Combination("none" if key == "not" else key, parts)
        column = fields.text("column")
        tests = keys & set(_COMPARISONS)
        if column is None or len(tests) != 1 or len(keys) != 2:
            raise self.fail(
                f"'when' is a column with one of {', '.join(_COMPARISONS)}; or all, any, not", node
            )
        return Comparison(column, self.test(tests.pop(), fields, node))

    def test(self, kind: str, fields: Fields, node: Node) -> Callable[[str], bool]:
        if kind == "blank":
            wanted = fields.flag("blank")
            return lambda text: (text == "") is wanted
        if kind == "matches":
            try:
                pattern = transforms.Pattern(fields.text("matches") or "")
            except ValueError as error:
                raise self.fail(str(error), node) from error
            return lambda text: pattern.find(text) is not None
        listed = frozenset(fields.texts(kind))
        if kind == "not-in":
            return lambda text: text not in listed
        return lambda text: text in listed
