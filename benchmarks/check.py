"""`aims check` on the shop example from start to end, as a user waits for it.

    python benchmarks/check.py --runs 15

Each run is a new process. The first, which compiles Python's modules into a folder of its own, does not count.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SHOP: Final = ROOT / "examples" / "shop"
#: Set by this program, or apt to make a run another one.
LEFT_OUT: Final = {"AIMS_ISO_TEXT", "AIMS_WORKSPACE", "PYTHONDONTWRITEBYTECODE"}


def measure(variant: str, env: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of one run."""
    files = [*sorted((SHOP / "common").iterdir()), *sorted((SHOP / variant).iterdir())]
    command = [
        sys.executable,
        "-m",
        "aims_graph",
        "check",
        *map(str, files),
        "--as-of",
        "2026-11-24",
    ]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != (variant == "with-gaps"):
        raise SystemExit(f"aims check ended with {done.returncode} on {variant}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    with tempfile.TemporaryDirectory() as folder:
        env = {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": folder}
        for variant in ("conforming", "with-gaps"):
            measure(variant, env)
            runs = [measure(variant, env) for _ in range(options.runs)]
            wall, cpu = (sorted(seconds) for seconds in zip(*runs, strict=True))
            print(
                f"{variant:<12} wall {statistics.median(wall):.2f} s median, {wall[0]:.2f} s least; "
                f"CPU {statistics.median(cpu):.2f} s median, {cpu[0]:.2f} s least"
            )
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
