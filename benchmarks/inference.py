"""OWL 2 RL engines from PyPI and ours on the same graph, one after another: time, triples, differences.

    python benchmarks/inference.py --envs /tmp/envs --triples 10000 --compare
    python benchmarks/inference.py --envs /tmp/envs --triples 1000000 --engines aims-graph sparq-rdf

The graph is that of generate.py with the axioms of inference.ttl. Each engine runs in a process of its own and, if
it is not ours, in a virtual environment under --envs, made on the first run. Times are those of reasoning alone and
together with importing the engine and reading the graph. --compare sets the closures against ours, without triples
that say nothing (docs/inference.md).
"""

import argparse
import math
import os
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from generate import DATA, VOCABULARY

HERE: Final = Path(__file__).parent
OURS: Final = "aims-graph"

# What to install; reading the file DATA; reasoning; ``count`` of all triples; writing them to the file OUT.
ENGINES: Final[dict[str, tuple[str, str, str, str, str]]] = {
    OURS: (
        "",
        "from pathlib import Path\nfrom aims_graph.columns import load\n"
        "from aims_graph.inference import with_inferred\ngraph = load([Path(DATA)])",
        "found = with_inferred(graph)",
        "count = len(found.columns)",
        "import pyoxigraph as ox\n"
        "ox.serialize((ox.Triple(*t) for t in found.columns.triples()), OUT, ox.RdfFormat.N_TRIPLES)",
    ),
    "sparq-rdf": (
        "sparq-rdf",
        "import sparq\ngraph = sparq.Graph.load(DATA, format='ntriples')",
        "graph.reason('owl')",
        "count = next(iter(graph.query('SELECT (COUNT(*) AS ?n) { ?s ?p ?o }').rows))['n'].value",
        "open(OUT, 'w').writelines(' '.join(repr(x)[5:-1] for x in t) + ' .\\n'\n"
        "    for t in graph.construct('CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }'))",
    ),
    "reasonable": (
        "reasonable rdflib",
        "import reasonable\ngraph = reasonable.PyReasoner()\ngraph.load_file(DATA)",
        "found = graph.reason()",
        "count = len(set(found))",
        "open(OUT, 'w').writelines(' '.join(x.n3() for x in t) + ' .\\n' for t in set(found))",
    ),
    "owlrl-turbo": (
        "owlrl-turbo rdflib-turbo",
        "import rdflib, owlrl_turbo\ngraph = rdflib.Graph().parse(DATA, format='nt')",
        "found = owlrl_turbo.expand(graph)",
        "count = len(found)",
        "found.serialize(OUT, format='nt', encoding='utf-8')",
    ),
    "owlrl": (
        "owlrl",
        "import rdflib, owlrl\nfound = rdflib.Graph().parse(DATA, format='nt')",
        "owlrl.OWLRL_Semantics(found, False, False, False).closure()",
        "count = len(found)",
        # Literals as subjects, which it infers, are no N-Triples.
        "open(OUT, 'w').writelines(' '.join(x.n3() for x in t) + ' .\\n' for t in found\n"
        "    if not isinstance(t[0], rdflib.Literal) and isinstance(t[1], rdflib.URIRef))",
    ),
}
SCRIPT: Final = """
import time
start = time.perf_counter()
DATA, OUT = {data!r}, {out!r}
{load}
wall, cpu = time.perf_counter(), time.process_time()
{reason}
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
{count}
print("figures", wall, cpu, time.perf_counter() - start, time.process_time(), count)
if OUT:
    import warnings; warnings.simplefilter("ignore")
{write}
"""
INSTANCE: Final = {"Thing", "Resource", "Datatype", "Class", "AnnotationProperty", "Property"}
W3C: Final = re.compile(r"<http://www\.w3\.org/(?:2002/07/owl|2000/01/rdf-schema|1999/02/22-rdf-)")
XSD: Final = "<http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True)
class Run:
    """Seconds of reasoning, and of importing, reading and reasoning; ``outcome``: triples or what went wrong."""

    outcome: str
    wall: float = math.nan
    cpu: float = math.nan
    total_wall: float = math.nan
    total_cpu: float = math.nan


def python_of(engine: str, envs: Path) -> Path:
    """The interpreter of the engine's environment, which is made if it is missing."""
    packages = ENGINES[engine][0].split()
    if not packages:
        return Path(sys.executable)
    folder = envs / f"venv-{packages[0]}"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing {packages[0]} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


def run(engine: str, python: Path, data: Path, out: str, timeout: float) -> Run:
    _, load, reason, count, write = ENGINES[engine]
    indented = "\n".join("    " + line for line in write.splitlines())
    code = SCRIPT.format(
        data=str(data), out=out, load=load, reason=reason, count=count, write=indented
    )
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    if engine == OURS:
        environment["PYTHONPATH"] = str(HERE.parent)
    try:
        done = subprocess.run(
            [python, "-c", code],
            capture_output=True,
            check=False,
            text=True,
            env=environment,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return Run(f"over {timeout:g} s")
    found = re.search(r"^figures (.+) (\d+)$", done.stdout, re.MULTILINE)
    if found is None:
        return Run((done.stderr.strip() or "no answer").splitlines()[-1][:60])
    return Run(found[2], *map(float, found[1].split()))


def write_graph(triples: int, seed: int, folder: Path) -> Path:
    """Data and axioms in one file; its suffix is what ``reasonable`` wants, its form N-Triples."""
    data = folder / f"inference-{triples}-{seed}.nt"
    joined = data.with_suffix(".ttl")
    if not joined.exists():
        options = ["--triples", str(triples), "--seed", str(seed)]
        subprocess.run([sys.executable, HERE / "generate.py", *options, data], check=True)
        axioms = ox.parse(path=HERE / "inference.ttl", format=ox.RdfFormat.TURTLE)
        lines = ox.serialize((quad.triple for quad in axioms), format=ox.RdfFormat.N_TRIPLES)
        assert lines is not None
        joined.write_bytes(data.read_bytes() + lines)
        data.unlink()
    return joined


def closure(path: Path) -> set[tuple[str, str, str]]:
    """The triples of a file but those that say nothing."""
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object))
        for quad in ox.parse(path=path, format=ox.RdfFormat.N_TRIPLES, lenient=True)
        if not _says_nothing(str(quad.subject), str(quad.predicate), str(quad.object))
    }


def _says_nothing(subject: str, predicate: str, value: str) -> bool:
    if W3C.match(subject) or subject.startswith((XSD, '"')):
        return True
    if subject.startswith("_:") or value.startswith(("_:", '"')):
        return True  # lists of the axioms have labels of the engine, and some rewrite literals
    name = re.split(r"[#>]", predicate)[1]
    if name in {"domain", "range"} or (W3C.match(predicate) and subject == value):
        return True
    return name == "type" and bool(W3C.match(value)) and re.split(r"[#>]", value)[1] in INSTANCE


def compare(ours: Path, theirs: Path) -> str:
    """How many triples only one of the two has, by predicate."""
    mine, others = closure(ours), closure(theirs)
    parts = []
    for name, only in (("only ours", mine - others), ("only theirs", others - mine)):
        if only:
            counts: dict[str, int] = {}
            for _, predicate, _ in only:
                short = re.split(r"[#/]", predicate.strip("<>"))[-1]
                counts[short] = counts.get(short, 0) + 1
            parts.append(f"{name}: " + ", ".join(f"{n} {k}" for k, n in sorted(counts.items())))
    return "; ".join(parts) or "the same"


def measure_additions(data: Path, rounds: int = 100) -> tuple[float, float]:
    """Median and 95th percentile, in ms, of adding a risk, its treatment and what goes with them: 10 triples."""
    sys.path.insert(0, str(HERE.parent))
    from pyoxigraph import NamedNode  # noqa: PLC0415 only here our engine is needed

    from aims_graph.columns import load  # noqa: PLC0415 as above
    from aims_graph.inference import with_inferred  # noqa: PLC0415 as above
    from aims_graph.vocabulary import RDF  # noqa: PLC0415 as above

    def b(name: str) -> NamedNode:
        return NamedNode(VOCABULARY + name)

    def thing(name: str) -> NamedNode:
        return NamedNode(DATA + name)

    kind = NamedNode(RDF + "type")
    inferred = with_inferred(load([data]))
    times = []
    for i in range(rounds):
        system, dataset = thing(f"system/{i}"), thing(f"new/dataset/{i}")
        model, risk, treatment = (
            thing(f"new/{name}/{i}") for name in ("model", "risk", "treatment")
        )
        added = [
            (risk, kind, b("Risk")),
            (system, b("hasRisk"), risk),
            (treatment, kind, b("Treatment")),
            (risk, b("treatedBy"), treatment),
            (treatment, b("implements"), thing(f"control/{i}")),
            (model, kind, b("Model")),
            (system, b("usesModel"), model),
            (dataset, kind, b("Dataset")),
            (model, b("trainedOn"), dataset),
            (dataset, b("derivedFrom"), thing(f"dataset/{i}0")),
        ]
        start = time.perf_counter()
        inferred.apply(added, [])
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--envs", type=Path, required=True, help="folder of the environments")
    parser.add_argument("--triples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--compare", action="store_true", help="closures with ours")
    parser.add_argument("--timeout", type=float, default=300, help="seconds a run may take")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options = parser.parse_args()

    folder = options.envs / "data"
    folder.mkdir(parents=True, exist_ok=True)
    data = write_graph(options.triples, options.seed, folder)
    print(f"{options.triples} triples and the axioms; CPU and wall in seconds")
    print(f"{'engine':<12} {'reason CPU':>10} {'wall':>7} {'all CPU':>8} {'wall':>7}  triples")
    outs = {
        engine: folder / f"closure-{engine}.nt" if options.compare else None
        for engine in dict.fromkeys([OURS, *options.engines])
    }
    for engine, out in outs.items():
        if out:
            out.unlink(missing_ok=True)
        done = run(engine, python_of(engine, options.envs), data, str(out or ""), options.timeout)
        print(
            f"{engine:<12} {done.cpu:10.2f} {done.wall:7.2f} {done.total_cpu:8.2f}"
            f" {done.total_wall:7.2f}  {done.outcome}",
            flush=True,
        )
        mine = outs[OURS]
        if out and mine and out != mine and done.outcome.isdigit() and mine.exists():
            print(f"{'':<12} {compare(mine, out)}", flush=True)
    median, late = measure_additions(data)
    print(f"{OURS}: 10 triples added in {median:.1f} ms (median of 100), {late:.1f} ms (p95)")


if __name__ == "__main__":
    main()
