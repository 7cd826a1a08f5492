"""Our SHACL engine by its parts: load, compile, validate, validate again after changes, stream results.

    python benchmarks/shacl.py --triples 1000000

CPU seconds, so that other work on the machine distorts less; peak memory is that of the whole process. A scattered
change removes five triples of the graph and adds five, each made of parts of others; a record is ten
triples of one subject, taken out and put back.
"""

import argparse
import io
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

# Run from a checkout, installed or not.
sys.path.insert(0, str(Path(__file__).parent.parent))

from pyoxigraph import Literal, NamedNode, RdfFormat

from aims_graph.columns import Columns, Triple, load
from aims_graph.shacl import Validator, compile_shapes
from aims_graph.vocabulary import RDF, SH, XSD

HERE: Final = Path(__file__).parent
Result = TypeVar("Result")


def timed(label: str, work: Callable[[], Result]) -> Result:
    start = time.process_time()
    result = work()
    print(f"{label:<46} {time.process_time() - start:8.3f} s")
    return result


def changes_scattered(
    triples: list[Triple], rounds: int
) -> list[tuple[list[Triple], list[Triple]]]:
    draw = random.Random(3)
    return [
        (
            [
                (a[0], b[1], b[2])
                for a, b in zip(draw.sample(triples, 5), draw.sample(triples, 5), strict=True)
            ],
            draw.sample(triples, 5),
        )
        for _ in range(rounds)
    ]


def changes_of_records(
    triples: list[Triple], rounds: int
) -> list[tuple[list[Triple], list[Triple]]]:
    """Ten triples of one subject go, then come back."""
    by_subject: dict[object, list[Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple[0], []).append(triple)
    records = [record for record in by_subject.values() if len(record) >= 10]
    chosen = [record[:10] for record in random.Random(3).sample(records, rounds // 2)]
    return [change for record in chosen for change in (([], record), (record, []))]


def measure_changes(
    label: str, validator: Validator, changes: list[tuple[list[Triple], list[Triple]]]
) -> None:
    times = []
    for added, removed in changes:
        start = time.process_time()
        validator.apply(added, removed)
        times.append(1000 * (time.process_time() - start))
    # The first ones sort the predicates they touch by object, once.
    steady = sorted(times[len(times) // 5 :])
    p95 = steady[int(0.95 * len(steady))]
    print(f"{label:<46} {statistics.median(steady):8.1f} ms median, {p95:.1f} ms p95")


def many_findings(number: int) -> Validator:
    """A graph in which every node lacks what the one shape asks for."""
    thing, kind = NamedNode("urn:x:Thing"), NamedNode(RDF + "type")
    data = Columns.from_triples((NamedNode(f"urn:x:{n}"), kind, thing) for n in range(number))
    shape, path = NamedNode("urn:x:Shape"), NamedNode("urn:x:name")
    shapes = Columns.from_triples(
        [
            (shape, NamedNode(SH + "targetClass"), thing),
            (shape, NamedNode(SH + "path"), path),
            (shape, NamedNode(SH + "minCount"), Literal("1", datatype=NamedNode(XSD + "integer"))),
        ]
    )
    return Validator(compile_shapes(shapes), data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--changes", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.nt"
        size = ["--triples", str(options.triples)]
        subprocess.run([sys.executable, HERE / "generate.py", *size, path], check=True)
        data = timed("load, checked", lambda: load([path]))
    shapes = load([HERE / "shapes.ttl"])
    plan = timed("compile the shapes", lambda: compile_shapes(shapes))
    timed("validate, first time", lambda: Validator(plan, data))
    validator = timed("validate, facts of terms known", lambda: Validator(plan, data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory so far':<46} {peak:8.0f} MB, {len(validator.report.results)} results")

    triples = list(data.triples())
    measure_changes("10 triples scattered", validator, changes_scattered(triples, options.changes))
    measure_changes(
        "10 triples of one record", validator, changes_of_records(triples, options.changes)
    )

    number = 100_000
    many = many_findings(number)
    timed(f"{number} findings: validate", lambda: Validator(many.plan, many.data).report)
    timed(f"{number} findings: summary", many.report.summary)
    timed(f"{number} findings: read one by one", lambda: sum(1 for _ in many.report.results))
    output = io.BytesIO()
    timed(
        f"{number} findings: write as N-Triples",
        lambda: many.report.write(output, RdfFormat.N_TRIPLES),
    )


if __name__ == "__main__":
    main()
