"""The prefixes that a file declares, of whichever kind it is."""

from aims_graph.ingest.fields import Fields
from aims_graph.ingest.iris import KNOWN_PREFIXES


def read_prefixes(top: Fields) -> dict[str, str]:
    """What stands under ``prefixes``. Raises InputError when one means something else everywhere."""
    node = top.get("prefixes")
    if node is None:
        return {}
    given = Fields(node, top.file, "'prefixes'", None)
    found = {name: given.text(name) or "" for name in given.node.entries}
    for name, value in found.items():
        if KNOWN_PREFIXES.get(name, value) != value:
            given.fail(
                f"prefix {name!r} already means {KNOWN_PREFIXES[name]}", given.required(name)
            )
    return found
