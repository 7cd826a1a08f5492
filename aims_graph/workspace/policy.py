"""What may not be committed: a policy file, asked before an entry is written.

::

    block:
      - severities: [violation]
        stages: [in use]

Each rule blocks a commit that adds a finding of one of the severities about a system in one of the
stages; without ``stages`` about anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from aims_graph.assessment import SEVERITIES, Finding
from aims_graph.columns.reader import Reader, Term, local_name
from aims_graph.errors import InputError
from aims_graph.ingest.yaml_source import ListNode, MapNode, Node, Scalar, read_yaml
from aims_graph.vocabulary import AIMS

IN_USE: Final = "in use"
_STAGE: Final = NamedNode(AIMS + "systemStage")
_IS_IN_USE: Final = NamedNode(AIMS + "inUse")


@dataclass(frozen=True, slots=True)
class Block:
    """``stages``: names as in the ontology, or "in use"; none means everywhere."""

    severities: frozenset[str]
    stages: frozenset[str]


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


def blocked(policy: Iterable[Block], findings: Iterable[Finding], reader: Reader) -> list[Finding]:
    """The findings, if a commit adds them, for which the policy forbids it; ``reader`` reads the data
    as they would be after it.
    """
    return [
        finding for finding in findings if any(_blocks(block, finding, reader) for block in policy)
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
