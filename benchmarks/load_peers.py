"""What ``api_load.py`` compares with: a route that does nothing, and the status asked of an rdflib graph.

python benchmarks/load_peers.py ping PORT
python benchmarks/load_peers.py rdflib PORT FOLDER
"""

import sys
import time
from datetime import date
from pathlib import Path

import rdflib
import uvicorn
from fastapi import FastAPI
from pyoxigraph import RdfFormat, Triple, serialize

from aims_api.cli import UVICORN
from aims_graph.assessment import evaluate, to_triples
from aims_graph.columns import load
from aims_graph.vocabulary import AIMS

STATUS = f"""
PREFIX aims: <{AIMS}>
SELECT ?of ?state ?checked ?met ?notMet ?unknown {{
  ?result a aims:ConformityResult ; aims:resultFor ?of ; aims:conformityState ?state ;
    aims:checkedCount ?checked ; aims:metCount ?met ; aims:notMetCount ?notMet ; aims:unknownCount ?unknown .
  FILTER (STRSTARTS(STR(?result), "urn:aims:conformity:"))
}}"""

app = FastAPI()


@app.get("/ping")
async def ping() -> dict[str, str]:
    return {"status": "ok"}


def ask_rdflib(folder: Path) -> None:
    """The data and the results of our evaluation, in rdflib's memory; the state of each requirement by
    SPARQL, which is a part of what /status answers.
    """
    started = time.perf_counter()
    graph = rdflib.Graph().parse(folder / "data.nt", format="nt")
    results = to_triples(evaluate(load([folder / "data.nt"]), as_of=date(2026, 6, 30)))
    written = serialize((Triple(*each) for each in results), format=RdfFormat.N_TRIPLES)
    graph.parse(data=written, format="nt")
    print(f"{len(graph)} triples read in {time.perf_counter() - started:.0f} s", flush=True)

    @app.get("/status")
    def status() -> list[dict[str, str]]:
        return [{str(k): str(v) for k, v in row.asdict().items()} for row in graph.query(STATUS)]


def main() -> None:
    if sys.argv[1] == "rdflib":
        ask_rdflib(Path(sys.argv[3]))
    else:
        print("ready", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), **UVICORN)


if __name__ == "__main__":
    main()
