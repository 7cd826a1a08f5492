"""Measures the checked parse and the cache, each in a process of its own.

    python benchmarks/load.py bench.nt [bench.ttl ...]

Prints wall and CPU seconds and the highest resident memory of the process, start of Python and
imports included in the memory, not in the seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from aims_graph.columns import load
from aims_graph.columns.cache import open_cache
file, cache, action = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
wall, cpu = time.perf_counter(), time.process_time()
if action == "parse":
    columns = load([file])
else:
    columns = open_cache(cache, [file] if action == "cache, sources checked" else None)
    assert columns is not None
result = {
    "triples": len(columns),
    "terms": len(columns.terms),
    "wall": time.perf_counter() - wall,
    "cpu": time.process_time() - cpu,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
}
if action == "parse":
    columns.to_parquet(cache, sources=[file])
print(json.dumps(result))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Checked parse and cache of RDF files")
    parser.add_argument("files", nargs="+", type=Path)
    print("| file | action | triples | terms | wall s | CPU s | peak MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for file in parser.parse_args().files:
        with tempfile.TemporaryDirectory() as cache:
            for action in ("parse", "cache", "cache, sources checked"):
                command = [sys.executable, "-c", MEASURE, str(file), f"{cache}/columns", action]
                run = subprocess.run(command, check=True, capture_output=True, text=True)
                row = json.loads(run.stdout)
                figures = f"{row['wall']:.2f} | {row['cpu']:.2f} | {row['memory']}"
                print(f"| {file.name} | {action} | {row['triples']} | {row['terms']} | {figures} |")


if __name__ == "__main__":
    main()
