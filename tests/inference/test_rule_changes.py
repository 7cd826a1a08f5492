"""After changes, what rules with and without negation conclude is what they conclude from scratch."""

from random import Random

import pytest
from inference_graphs import read
from test_domain_rules import DECLARED, columns, sparql, triple

from aims_graph.columns import Columns
from aims_graph.inference import read_rules, with_inferred

NAMES = ["x", "y", "z", "w"]
LINKS = ["p", "q", "r", "s", "t"]
AXIOMS = [
    ":q rdfs:subPropertyOf :p .",
    ":r rdfs:subPropertyOf :q .",
    ":p a owl:TransitiveProperty .",
    ":t owl:inverseOf :r .",
    ":s rdfs:domain :A .",
    ":B rdfs:subClassOf :A .",
    ":f a owl:FunctionalProperty .",
]
TARGETS = ["targetClass :A", "targetSubjectsOf :p", "targetObjectsOf :q", "targetNode :x , :y"]
HEADS = [*(f"$this :{name} ?y" for name in LINKS), "?y a :B", "$this a :A"]
# Most with something that must be absent.
BODIES = [
    "$this :{a} ?y",
    "$this :{a} ?y FILTER NOT EXISTS {{ $this :{b} ?y }}",
    "$this :{a} ?y FILTER NOT EXISTS {{ ?y :{b} ?z }}",
    "$this :{a} ?y FILTER NOT EXISTS {{ ?y :{b} ?z FILTER NOT EXISTS {{ ?z :{a} $this }} }}",
    "$this :{a}/:{b} ?y FILTER NOT EXISTS {{ ?y a :B }}",
    "BIND (:z AS ?y) FILTER NOT EXISTS {{ $this :{a} ?z }}",
]


def write_rules(random: Random) -> str:
    text = DECLARED
    for number in range(random.randint(2, 4)):
        a, b = random.choices(LINKS, k=2)
        order = f"sh:order {random.randrange(3)}"
        if random.random() < 0.2:
            rule = triple("sh:this", f":{a}", f"[ sh:path :{b} ]", order)
        else:
            where = random.choice(BODIES).format(a=a, b=b)
            rule = sparql(f"CONSTRUCT {{ {random.choice(HEADS)} }} WHERE {{ {where} }}", order)
        text += f":S{number} a sh:NodeShape ; sh:{random.choice(TARGETS)} ; {rule}\n"
    return text


def facts(random: Random, count: int) -> list[str]:
    found = []
    for _ in range(count):
        subject, value = random.choices(NAMES, k=2)
        link = random.choice([*LINKS, *LINKS, "f"])
        kinds = [f":{subject} a :{random.choice('AB')} .", f":{subject} owl:sameAs :{value} ."]
        kind = random.random()
        found.append(kinds[0] if kind < 0.2 else kinds[1] if kind < 0.23 else f":{subject} :{link} :{value} .")  # fmt: skip
    return found


def play(seed: int) -> int:
    """Changes a graph a few times; returns how often what rules conclude was another thing afterwards."""
    random, moved = Random(seed), 0
    rules = read_rules(columns(write_rules(random)))
    lines = [*random.sample(AXIOMS, random.randint(0, 3)), *facts(random, random.randint(3, 9))]
    inferred = with_inferred(read("\n".join(lines)), rules)
    for _ in range(4):
        plus, minus = (
            list(read("\n".join(facts(random, random.randint(0, 2)))).triples()) for _ in range(2)
        )
        if random.random() < 0.3:
            # Conclusions may be asserted, and what is asserted may be taken back.
            plus += list(inferred.inferred.triples())[:1]
        if random.random() < 0.5:
            minus += random.sample(list(inferred.asserted.triples()), 1)
        before, known = set(inferred.columns.triples()), concluded(inferred)
        difference = inferred.apply(plus, minus)
        after = set(inferred.columns.triples())
        anew = with_inferred(Columns.from_triples(inferred.asserted.triples()), rules)
        assert after == set(anew.columns.triples())
        assert set(inferred.inferred.triples()) == set(anew.inferred.triples())
        assert set(difference.appeared) == after - before
        assert set(difference.gone) == before - after
        moved += concluded(inferred) != known
    return moved


def concluded(inferred) -> set:
    return set(inferred.columns.triples()) - set(
        with_inferred(inferred.asserted, ()).columns.triples()
    )


@pytest.mark.parametrize("block", range(4))
def test_changed_conclusions_are_those_of_a_new_graph(block: int) -> None:
    assert sum(play(seed) for seed in range(15 * block, 15 * block + 15)) > 5
