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


def write_rules(random: Random, *, layered: bool) -> str:
    """``layered``: what must be absent is never concluded."""
    text = DECLARED
    read, made = (LINKS[:2], LINKS[2:]) if layered else (LINKS, LINKS)
    heads = HEADS[2:5] if layered else HEADS
    for number in range(random.randint(2, 4)):
        order = f"sh:order {random.randrange(3)}"
        if random.random() < 0.3:
            made_link, path = random.choice(made), random.choice(LINKS)
            rule = triple("sh:this", f":{made_link}", f"[ sh:path :{path} ]", order)
        else:
            a, b = random.choices(read, k=2)
            where = random.choice(BODIES).format(a=a, b=b)
            rule = sparql(f"CONSTRUCT {{ {random.choice(heads)} }} WHERE {{ {where} }}", order)
        text += f":S{number} a sh:NodeShape ; sh:{random.choice(TARGETS)} ; {rule}\n"
    return text


def facts(random: Random, count: int, *, same: bool) -> list[str]:
    found = []
    for _ in range(count):
        subject, value = random.choices(NAMES, k=2)
        link = random.choice([*LINKS, *LINKS, "f"])
        kind = random.random()
        if kind < 0.2:
            found.append(f":{subject} a :{random.choice('AB')} .")
        elif same and kind < 0.23:
            found.append(f":{subject} owl:sameAs :{value} .")
        else:
            found.append(f":{subject} :{link} :{value} .")
    return found


def play(seed: int, *, layered: bool) -> int:
    """Changes a graph a few times; returns how often what rules conclude was another thing afterwards.

    ``layered``: only additions, no things that are the same.
    """
    random, moved = Random(seed), 0
    rules = read_rules(columns(write_rules(random, layered=layered)))
    axioms = [a for a in AXIOMS if not layered or not a.startswith((":r", ":f"))]
    lines = [
        *random.sample(axioms, random.randint(0, 3)),
        *facts(random, random.randint(3, 9), same=not layered),
    ]
    inferred = with_inferred(read("\n".join(lines)), rules)
    for _ in range(4):
        plus, minus = (
            list(read("\n".join(facts(random, random.randint(0, 2), same=not layered))).triples())
            for _ in range(2)
        )
        if random.random() < 0.3:
            # Conclusions may be asserted, and what is asserted may be taken back.
            plus += list(inferred.inferred.triples())[:1]
        if random.random() < 0.5:
            minus += random.sample(list(inferred.asserted.triples()), 1)
        minus = [] if layered else minus
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


@pytest.mark.parametrize("layered", [True, False])
@pytest.mark.parametrize("block", range(3))
def test_changed_conclusions_are_those_of_a_new_graph(block: int, layered: bool) -> None:
    # Among them are some where an addition takes a conclusion away.
    seeds = range(150 + 15 * block, 165 + 15 * block)
    assert sum(play(seed, layered=layered) for seed in seeds) > 5
