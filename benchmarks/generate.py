"""Writes an AIMS-like graph of any size as N-Triples, with defects planted at a fixed rate.

    python benchmarks/generate.py --triples 1000000 --seed 7 out.nt
    python benchmarks/generate.py --core-shapes shapes-core.ttl

The same arguments give the same bytes. Beside ``out.nt`` stands ``out.json``: how many results
each shape of ``shapes.ttl`` must give. The graph is made of units: one system with its models,
datasets, risks, treatments, evidence, assessment, a person and a control; references run across
units. The second form writes ``shapes.ttl`` without its sh:sparql constraints, for engines that
have none.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Final

import numpy as np
from units import RATE, TEMPLATE, columns

VOCABULARY: Final = "https://example.org/aims-benchmark#"
DATA: Final = "https://example.org/aims-benchmark/data/"
PREFIXES: Final = {
    "b": VOCABULARY,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Triples of a unit on average; only used to meet --triples.
UNIT: Final = 165.25
UNITS_A_WRITE: Final = 2_000

SUBCLASSES: Final = {
    "HighRiskSystem": "System",
    "GeneralPurposeModel": "Model",
    "TrainingDataset": "Dataset",
    "ImpactAssessment": "Assessment",
    "AuditEvidence": "Evidence",
    "AnnexControl": "Control",
    "System": "Asset",
    "Model": "Asset",
    "Dataset": "Asset",
    "Asset": "Entity",
    "Risk": "Entity",
    "Treatment": "Entity",
    "Control": "Entity",
    "Evidence": "Entity",
    "Assessment": "Entity",
}


def triple_pattern(line: str) -> tuple[str, str | None]:
    """A template line as N-Triples, and the name of its condition."""
    line, _, condition = line.partition(" ?")
    subject, predicate, value = line.split(" ", 2)
    return f"{expand(subject)} {expand(predicate)} {expand(value)} .\n", condition or None


def expand(token: str) -> str:
    if token.startswith('"'):
        text, mark, datatype = token.rpartition("^^")
        return f"{text}^^{expand(datatype)}" if mark else token
    prefix, colon, name = token.partition(":")
    if colon and prefix in PREFIXES:
        return f"<{PREFIXES[prefix]}{name}>"
    return token if token[0] in "<{" else f"<{DATA}{token}>"


def unit_lines() -> list[tuple[str, str | None]]:
    lines = []
    for line in TEMPLATE.strip().splitlines():
        if "{k}" in line:
            lines += [triple_pattern(line.replace("{k}", str(k))) for k in range(3)]
        else:
            lines.append(triple_pattern(line))
    return lines


def write(path: Path, triples: int, seed: int) -> tuple[int, dict[str, int]]:
    """Returns the number of triples written and the expected results by shape."""
    units = max(round(triples / UNIT), 20)
    values, expected = columns(units, np.random.default_rng(seed))
    pattern, names = "", []
    conditional = []
    for text, condition in unit_lines():
        here = re.findall(r"\{(\w+)\}", text)
        form = re.sub(r"\{\w+\}", "%s", text)
        if condition is None:
            pattern += form
            names += here
        else:
            pattern += "%s"
            names.append(f"?{len(conditional)}")
            conditional.append((form, here, condition))
    written = len(SUBCLASSES)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for sub, above in SUBCLASSES.items():
            file.write(
                f"{expand('b:' + sub)} {expand('rdfs:subClassOf')} {expand('b:' + above)} .\n"
            )
        for start in range(0, units, UNITS_A_WRITE):
            part = {
                name: column[start : start + UNITS_A_WRITE].tolist()
                for name, column in values.items()
            }
            for number, (form, here, condition) in enumerate(conditional):
                rows = zip(part[condition], *(part[name] for name in here), strict=True)
                part[f"?{number}"] = [form % row[1:] if row[0] else "" for row in rows]
            text = "".join([pattern % row for row in zip(*(part[n] for n in names), strict=True)])
            written += text.count("\n")
            file.write(text)
    return written, expected


def core_shapes() -> str:
    """``shapes.ttl`` up to its SPARQL part."""
    shapes = Path(__file__).with_name("shapes.ttl").read_text()
    return shapes[: shapes.index("# SPARQL constraints")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--core-shapes", action="store_true")
    parser.add_argument("path", type=Path)
    options = parser.parse_args()
    if options.core_shapes:
        options.path.write_text(core_shapes())
        return
    written, expected = write(options.path, options.triples, options.seed)
    sidecar = {
        "triples": written,
        "seed": options.seed,
        "rate": RATE,
        "results": sum(expected.values()),
        "results_by_shape": dict(sorted(expected.items())),
    }
    options.path.with_suffix(".json").write_text(json.dumps(sidecar, indent=2) + "\n")
    print(f"{written} triples, {sidecar['results']} results expected")


if __name__ == "__main__":
    main()
