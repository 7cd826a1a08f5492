"""What may not be committed: a policy file, asked before an entry is written.

::

    block:
      - severities: [violation]
        stages: [in use]

Each rule blocks a commit that adds a finding of one of the severities about a system in one of the
stages; without ``stages`` about anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment import SEVERITIES, Finding, read_rules, with_ontology
from aims_graph.assessment.findings import FindingReader
from aims_graph.assessment.records import systems_of_nodes
from aims_graph.columns import Columns, Triple
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar, read_yaml
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.vocabulary import AIMS

IN_USE: Final = "in use"
_STAGE: Final = NamedNode(AIMS + "systemStage")
_IS_IN_USE: Final = NamedNode(AIMS + "inUse")


class CommitBlockedError(InputError):
    """The policy forbids the commit; nothing was written."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        count = f"{len(findings)} finding" + "s" * (len(findings) != 1)
        super().__init__(f"the policy of the workspace blocks this commit: it would add {count}")
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Block:
    """``stages``: names as in the ontology, or "in use"; none means everywhere."""

    severities: frozenset[str]
    stages: frozenset[str]


class FindingChange(NamedTuple):
    """Findings that a change brings, and those that it ends."""

    appeared: list[Finding]
    gone: list[Finding]


def read_policy(path: Path) -> tuple[Block, ...]:
    """Raises InputError with the line of what is wrong."""
    root = read_yaml(path)
    if not isinstance(root, MapNode) or set(root.entries) != {"block"}:
        raise InputError("a policy has one key, block", file=path, line=root.line)
    rules = root.entries["block"]
    if not isinstance(rules, ListNode):
        raise InputError("block takes a list of rules", file=path, line=rules.line)
    return tuple(_read_block(rule, path) for rule in rules.items)


def _read_block(node: Node, path: Path) -> Block:
    if not isinstance(node, MapNode) or not {"severities"} <= set(node.entries) <= {
        "severities",
        "stages",
    }:
        raise InputError(
            "a rule has severities and, if it is not for everything, stages",
            file=path,
            line=node.line,
        )
    severities = _texts(node.entries["severities"], path)
    unknown = [text for text in severities if text not in SEVERITIES]
    if unknown or not severities:
        raise InputError(
            f"severities are among {', '.join(SEVERITIES)}",
            file=path,
            line=node.entries["severities"].line,
        )
    stages = _texts(node.entries["stages"], path) if "stages" in node.entries else []
    return Block(frozenset(severities), frozenset(stages))


def _texts(node: Node, path: Path) -> list[str]:
    items = node.items if isinstance(node, ListNode) else [node]
    if not all(isinstance(item, Scalar) for item in items):
        raise InputError("a list of words is wanted here", file=path, line=node.line)
    return [item.text for item in items if isinstance(item, Scalar)]


class Gate:
    """Rules kept evaluated on one state of the data, so that a change can be judged before it is made."""

    def __init__(self, data: Columns, ontology: Columns, shapes: Columns, as_of: date) -> None:
        self._rules = read_rules(Reader(shapes))
        self._validator = Validator(compile_shapes(shapes), with_ontology(data, ontology, as_of))

    def what_if(self, added: Iterable[Triple], removed: Iterable[Triple]) -> FindingChange:
        """The findings that appear and those that go, if the triples came and went."""
        added, removed = list(added), list(removed)
        before = self._validator.data
        difference = self._validator.what_if(added, removed)
        appeared = self._read(difference.appeared, before.with_change(added, removed))
        gone = self._read(difference.gone, before)
        old, new = ({f.fingerprint for f in found} for found in (gone, appeared))
        return FindingChange(
            [f for f in appeared if f.fingerprint not in old],
            [f for f in gone if f.fingerprint not in new],
        )

    def _read(self, results: Iterable[object], data: Columns) -> list[Finding]:
        results = list(results)
        if not results:
            return []
        reader = Reader(data)
        return list(FindingReader(reader, self._rules, systems_of_nodes(reader)).read(results))  # type: ignore[arg-type]  # the rules are read-only

    def apply(self, added: Iterable[Triple], removed: Iterable[Triple]) -> None:
        self._validator.apply(added, removed)

    def blocked(
        self, policy: Iterable[Block], added: Iterable[Triple], removed: Iterable[Triple]
    ) -> list[Finding]:
        """The findings for which the policy forbids the change."""
        added, removed = list(added), list(removed)
        appeared = self.what_if(added, removed).appeared
        if not appeared:
            return []
        reader = Reader(self._validator.data.with_change(added, removed))
        return [
            finding
            for finding in appeared
            if any(_blocks(block, finding, reader) for block in policy)
        ]


def _blocks(block: Block, finding: Finding, reader: Reader) -> bool:
    if finding.severity not in block.severities:
        return False
    return not block.stages or any(
        _stages(system, reader) & block.stages for system in finding.systems
    )


def _stages(system: Term, reader: Reader) -> set[str]:
    found: set[str] = set()
    for stage in reader.objects(system, _STAGE):
        found.add(local_name(stage))
        in_use = reader.value(stage, _IS_IN_USE)
        if isinstance(in_use, Literal) and in_use.value in {"true", "1"}:
            found.add(IN_USE)
    return found
