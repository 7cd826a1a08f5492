"""Reads a mapping file and checks it as a whole. Its language is described in docs/mapping.md."""

from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aims_graph.ingest.fields import Fields, suggest
from aims_graph.ingest.iris import Names, Term
from aims_graph.ingest.mapping import (
    EntityMapping,
    Mapping,
    Meaning,
    NodeMapping,
    Outcome,
    PropertyMapping,
    SourceMapping,
    StaticNode,
)
from aims_graph.ingest.mapping_parts import PartReader
from aims_graph.ingest.prefixes import read_prefixes
from aims_graph.ingest.tables import FORMATS, TableOptions
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar, read_yaml
from aims_graph.vocabulary import AIMS, RDF, RDFS

_TOP: Final = (
    "title", "base", "prefixes", "note", "record", "defaults", "sources", "entities", "static",
)  # fmt: skip
_RECORDS: Final = {"partial": AIMS + "PartialRecord", "complete": AIMS + "CompleteRecord"}
_SOURCE: Final = (
    "file", "format", "encoding", "delimiter", "sheet", "header-row", "items", "ragged",
    "columns", "ignore-columns", "optional-columns", "blanks",
)  # fmt: skip
_ENTITY: Final = ("source", "subject", "type", "when", "properties", "defaults")
_SUBJECT: Final = ("template", "fallback", "blank", "duplicates")
_PROPERTY: Final = (
    "column", "constant", "iri", "template", "node", "transforms", "blanks", "values", "unknown",
    "datatype", "date", "language", "blank", "when", "inverse", "once",
)  # fmt: skip
_NODE: Final = ("subject", "type", "properties")
_DEFAULTS: Final = ("blank", "unknown")
_UNKNOWN: Final = ("report", "error", "keep")


def read_mapping(path: Path) -> Mapping:
    """Raises InputError with file, line, column and, for a misspelt key, what was meant."""
    return _Reader(path).read()


class _Reader(PartReader):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.blank: Outcome = Meaning.IGNORE
        self.unknown = "report"

    def read(self) -> Mapping:
        top = self.fields(read_yaml(self.path), "a mapping file", _TOP)
        base = top.text("base")
        if base is None:
            raise self.fail(
                "a mapping file needs the key 'base'",
                top.node,
                "Give the IRI that ids are added to.",
            )
        self.names = Names(base, read_prefixes(top))
        if self.names.absolute("x") is None or ":" not in base:
            raise self.fail(f"{base!r} is no IRI", top.required("base"))
        top.text("title")  # for people; here only checked
        note = top.scalar("note")
        without_note = note is not None and note.text == "none"
        record = _RECORDS.get(top.choice("record", _RECORDS, ""))
        self.set_defaults(top)
        sources = self.sources(top.required("sources"))
        entities = self.fields(top.required("entities"), "'entities'", None)
        return Mapping(
            file=self.path,
            names=self.names,
            note=None
            if without_note
            else self.iri(note)
            if note
            else ox.NamedNode(RDFS + "comment"),
            completeness=None if record is None else ox.NamedNode(record),
            sources=sources,
            entities=tuple(
                self.entity(name, node, sources) for name, node in entities.node.entries.items()
            ),
            static=tuple(self.static(node) for node in top.items("static")),
        )

    def set_defaults(self, fields: Fields) -> None:
        node = fields.get("defaults")
        if node is None:
            return
        defaults = self.fields(node, "'defaults'", _DEFAULTS)
        blank = defaults.get("blank")
        if blank is not None:
            self.blank = self.meaning(blank)
        self.unknown = defaults.choice("unknown", _UNKNOWN, self.unknown)

    def sources(self, node: Node) -> dict[str, SourceMapping]:
        given = self.fields(node, "'sources'", None)
        return {name: self.source(name, part) for name, part in given.node.entries.items()}

    def source(self, name: str, node: Node) -> SourceMapping:
        fields = self.fields(node, f"source {name!r}", _SOURCE)
        columns = fields.get("columns")
        aliases = {}
        if columns is not None:
            named = self.fields(columns, "'columns'", None)
            aliases = {short: named.text(short) or "" for short in named.node.entries}
        format_ = fields.choice("format", FORMATS, "") or None
        return SourceMapping(
            name=name,
            file=fields.text("file") or "*",
            options=TableOptions(
                format=format_,
                encoding=fields.text("encoding"),
                delimiter=self.delimiter(fields),
                sheet=fields.text("sheet"),
                header_row=fields.number("header-row", 1),
                items=fields.text("items"),
                ragged=fields.choice("ragged", ("error", "report"), "error"),
            ),
            aliases=aliases,
            ignored=frozenset(fields.texts("ignore-columns")),
            optional=frozenset(fields.texts("optional-columns")),
            blanks=frozenset({"", *fields.texts("blanks")}),
        )

    def delimiter(self, fields: Fields) -> str | None:
        node = fields.scalar("delimiter")
        if node is None:
            return None
        if len(node.text) != 1 or node.text in '"\r\n\0':
            raise self.fail("'delimiter' must be one character", node)
        return node.text

    def entity(self, name: str, node: Node, sources: dict[str, SourceMapping]) -> EntityMapping:
        fields = self.fields(node, f"entity {name!r}", _ENTITY)
        source = fields.text("source") or (next(iter(sources)) if len(sources) == 1 else None)
        if source not in sources:
            raise self.fail(
                f"entity {name!r} has no known source",
                fields.get("source") or node,
                suggest(source or "", sources) or f"Sources: {', '.join(sources)}.",
            )
        subject = fields.required("subject")
        if isinstance(subject, Scalar):
            subject = MapNode(
                subject.line, subject.column, {"template": subject}, {"template": subject}
            )
        given = self.fields(subject, "'subject'", _SUBJECT)
        given.required("template")
        template = self.template(given, "template", iri=True)
        assert template is not None
        outer = (self.blank, self.unknown)
        self.set_defaults(fields)
        mapping = EntityMapping(
            name=name,
            source=source,
            line=node.line,
            subject=template,
            fallback=self.template(given, "fallback", iri=True),
            blank=given.choice("blank", ("error", "skip"), "error"),
            duplicates=given.choice("duplicates", ("error", "skip", "suffix", "merge"), "error"),
            node=NodeMapping(None, self.types(fields), self.properties(fields)),
            when=self.when(fields),
        )
        self.blank, self.unknown = outer
        return mapping

    def static(self, node: Node) -> StaticNode:
        fields = self.fields(node, "a static node", ("iri", "type", "properties"))
        named = fields.required("iri")
        if not isinstance(named, Scalar):
            raise self.fail("'iri' must be one IRI", named)
        subject = self.names.iri(named.text) or self.names.absolute(named.text)
        if subject is None:
            raise self.fail(f"{named.text!r} is no IRI", named)
        said: list[tuple[ox.NamedNode, tuple[Term, ...]]] = []
        types = self.types(fields)
        if types:
            said.append((ox.NamedNode(RDF + "type"), types))
        properties = fields.get("properties")
        if properties is not None:
            inner = self.fields(properties, "'properties'", None)
            for name, value in inner.node.entries.items():
                said.append((self.iri(inner.node.keys[name]), self.terms(value)))
        return StaticNode(subject, tuple(said))

    # --- properties

    def properties(self, fields: Fields) -> tuple[PropertyMapping, ...]:
        node = fields.get("properties")
        if node is None:
            return ()
        inner = self.fields(node, "'properties'", None)
        found: list[PropertyMapping] = []
        for name, value in inner.node.entries.items():
            predicate = self.iri(inner.node.keys[name])
            parts = value.items if isinstance(value, ListNode) else [value]
            found += [self.property(predicate, name, part) for part in parts]
        return tuple(found)

    def property(self, predicate: ox.NamedNode, name: str, node: Node) -> PropertyMapping:
        fields = self.fields(node, f"property {name!r}", _PROPERTY)
        column = fields.text("column")
        constant, inner = fields.get("constant"), fields.get("node")
        makers = [key for key in ("constant", "iri", "template", "node") if key in fields]
        if len(makers) > 1 or (column is None and not makers):
            raise self.fail(
                f"property {name!r} needs exactly one of column, constant, iri, template, node"
                " (column may go with one of the last three)",
                node,
            )
        if column is not None and constant is not None:
            raise self.fail(
                f"property {name!r} has both 'column' and 'constant'",
                constant,
                "For a condition use 'when'.",
            )
        if "values" in fields and (column is None or makers):
            raise self.fail(
                f"property {name!r}: 'values' needs a 'column' and stands for itself", node
            )
        datatype, rule = self.datatype(fields)
        language = fields.text("language")
        if language is not None and (datatype is not None or makers[:1] not in ([], ["template"])):
            raise self.fail(f"property {name!r}: only plain text has a language", node)
        if language is not None:
            try:
                ox.Literal("", language=language)
            except ValueError as error:
                raise self.fail(
                    f"{language!r} is no language tag", fields.required("language")
                ) from error
        blank = fields.get("blank")
        return PropertyMapping(
            predicate=predicate,
            line=node.line,
            blank=self.blank if blank is None else self.meaning(blank),
            unknown=fields.choice("unknown", _UNKNOWN, self.unknown),
            column=column,
            constant=() if constant is None else self.terms(constant),
            iri=self.template(fields, "iri", iri=True),
            template=self.template(fields, "template", iri=False),
            node=None if inner is None else self.node(inner),
            transforms=tuple(self.transform(part) for part in fields.items("transforms")),
            blanks=frozenset(fields.texts("blanks")),
            values=self.values(fields),
            datatype=datatype,
            date=rule,
            language=language,
            when=self.when(fields),
            inverse=fields.flag("inverse"),
            once=fields.flag("once"),
        )

    def node(self, node: Node) -> NodeMapping:
        fields = self.fields(node, "'node'", _NODE)
        subject = self.template(fields, "subject", iri=True)
        return NodeMapping(subject, self.types(fields), self.properties(fields))

    def values(self, fields: Fields) -> dict[str, Outcome] | None:
        node = fields.get("values")
        if node is None:
            return None
        inner = self.fields(node, "'values'", None)
        return {key: self.outcome(value) for key, value in inner.node.entries.items()}
