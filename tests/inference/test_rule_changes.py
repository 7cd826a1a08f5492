"""After changes, what rules with and without negation conclude is what they conclude from scratch."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from inference_graphs import read
from test_domain_rules import DECLARED, SHAPE, columns, sparql, triple

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
ORDERS = [f"sh:order {number}" for number in range(3)]


def bodies() -> st.SearchStrategy[str]:
    """WHERE clauses over $this and ?y, half of them with something that must be absent."""
    link = st.sampled_from(LINKS)
    forms = [
        "$this :{a} ?y",
        "$this :{a} ?y . ?y :{b} ?z",
        "$this :{a} ?y FILTER NOT EXISTS {{ $this :{b} ?y }}",
        "$this :{a} ?y FILTER NOT EXISTS {{ ?y :{b} ?z }}",
        "$this :{a} ?y FILTER NOT EXISTS {{ ?y :{b} ?z FILTER NOT EXISTS {{ ?z :{a} $this }} }}",
        "$this :{a}/:{b} ?y FILTER NOT EXISTS {{ ?y a :B }}",
        "BIND (:z AS ?y) FILTER NOT EXISTS {{ $this :{a} ?z }}",
    ]
    return st.builds(lambda form, a, b: form.format(a=a, b=b), st.sampled_from(forms), link, link)


def rules() -> st.SearchStrategy[str]:
    heads = st.sampled_from([f"$this :{name} ?y" for name in LINKS] + ["?y a :B", "$this a :A"])
    negated = st.builds(
        lambda head, body, order: sparql(f"CONSTRUCT {{ {head} }} WHERE {{ {body} }}", order),
        heads,
        bodies(),
        st.sampled_from(ORDERS),
    )
    plain = st.builds(
        lambda path, made, order: triple("sh:this", f":{made}", f"[ sh:path :{path} ]", order),
        st.sampled_from(LINKS),
        st.sampled_from(LINKS),
        st.sampled_from(ORDERS),
    )
    target = st.sampled_from(
        [SHAPE, ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; ",
         ":O a sh:NodeShape ; sh:targetObjectsOf :q ; "]
    )  # fmt: skip
    one = st.builds(lambda shape, rule: shape + rule, target, st.one_of(negated, plain))
    return st.lists(one, min_size=1, max_size=4).map("\n".join)


def facts(most: int) -> st.SearchStrategy[list[str]]:
    name = st.sampled_from(NAMES)
    link = st.builds("{} :{} {} .".format, name.map(":{}".format), st.sampled_from([*LINKS, "f"]), name.map(":{}".format))  # fmt: skip
    kind = st.builds(":{} a :{} .".format, name, st.sampled_from("AB"))
    same = st.builds(":{} owl:sameAs :{} .".format, name, name)
    return st.lists(st.one_of(link, link, link, kind, same), max_size=most)


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    rules(),
    st.lists(st.sampled_from(AXIOMS), unique=True, max_size=3),
    facts(8),
    st.lists(st.tuples(facts(2), facts(2), st.integers(0, 2)), min_size=1, max_size=4),
)
def test_changed_conclusions_are_those_of_a_new_graph(texts, axioms, data, steps) -> None:
    found = read_rules(columns(DECLARED + texts))
    inferred = with_inferred(read("\n".join(axioms + data)), found)
    for added, removed, more in steps:
        plus, minus = (list(read("\n".join(part)).triples()) for part in (added, removed))
        # Conclusions may be asserted, and what is asserted may be taken back.
        plus += list(inferred.inferred.triples())[:more]
        minus += list(inferred.asserted.triples())[: more // 2]
        before = set(inferred.columns.triples())
        difference = inferred.apply(plus, minus)
        after = set(inferred.columns.triples())
        anew = with_inferred(Columns.from_triples(inferred.asserted.triples()), found)
        assert after == set(anew.columns.triples())
        assert set(inferred.inferred.triples()) == set(anew.inferred.triples())
        assert set(difference.appeared) == after - before
        assert set(difference.gone) == before - after
