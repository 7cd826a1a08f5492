"""From the shapes graph to compiled constraints (SHACL, sections 5 and 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from aims_graph.errors import InputError
from aims_graph.shacl.graph import ShapesGraph
from aims_graph.shacl.names import Term, sh
from aims_graph.shacl.paths import Path
from aims_graph.vocabulary import OWL, SH

from .algebra import (
    Query,
)
from .constraint import SparqlConstraint
from .grammar import parse_query
from .literals import value_of
from .outside import reasons
from .prebinding import check_prebinding, keep_columns, substitute

_OWL_IMPORTS: Final = NamedNode(OWL + "imports")

#: What $shapesGraph is bound to. Queries meet the shapes graph under no other name.
SHAPES_GRAPH: Final = NamedNode("urn:x-aims:shapes-graph")

_ALWAYS: Final = frozenset({"this", "shapesGraph", "currentShape", "PATH", "value"})


def compile_constraint(
    shapes: ShapesGraph, constraint: Term, shape: Term, *, path: Path | None
) -> SparqlConstraint | None:
    """The constraint that a ``sh:sparql`` value describes; None when it is deactivated.

    Raises InputError when it is ill-formed: no single sh:select, a query that cannot be read, or one that does with
    pre-bound variables what SHACL forbids.
    """
    if is_true(shapes, constraint, "deactivated"):
        return None
    return _compile(
        shapes,
        constraint,
        shape,
        path,
        component=sh("SPARQLConstraintComponent"),
        text=_query_text(shapes, constraint, shape, "select"),
        parameters={},
        names=(),
    )


def compile_components(
    shapes: ShapesGraph, shape: Term, *, path: Path | None
) -> list[SparqlConstraint]:
    """The constraints that the shape declares with SPARQL-based constraint components."""
    return [
        compiled
        for component in find_components(shapes)
        for parameters in component.declarations(shapes, shape)
        if (compiled := _compile_component(shapes, component, parameters, shape, path)) is not None
    ]


@dataclass(frozen=True, slots=True)
class Parameter:
    predicate: NamedNode
    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Component:
    node: NamedNode
    parameters: tuple[Parameter, ...]

    def declarations(self, shapes: ShapesGraph, shape: Term) -> list[dict[str, Term]]:
        """Parameter values of each use in the shape: several for a component of one parameter, else at most one."""
        values = {p.name: shapes.objects(shape, p.predicate) for p in self.parameters}
        if not any(values.values()) or any(
            not values[p.name] for p in self.parameters if not p.optional
        ):
            return []
        if len(self.parameters) == 1:
            (name,) = values
            return [{name: value} for value in values[name]]
        if several := [p for p in self.parameters if len(values[p.name]) > 1]:
            raise InputError(
                f"{shape} has more than one value for {several[0].predicate}, a parameter of {self.node}"
            )
        return [{name: terms[0] for name, terms in values.items() if terms}]


def find_components(shapes: ShapesGraph) -> list[Component]:
    """The constraint components that the shapes graph itself declares; those of SHACL Core are built in."""
    return [
        Component(node, tuple(_parameter(shapes, node, value) for value in parameters))
        for node in shapes.instances(sh("ConstraintComponent"))
        if isinstance(node, NamedNode)
        and not node.value.startswith(SH)
        and (parameters := shapes.objects(node, sh("parameter")))
    ]


def _parameter(shapes: ShapesGraph, component: Term, node: Term) -> Parameter:
    paths = shapes.objects(node, sh("path"))
    if len(paths) != 1 or not isinstance(paths[0], NamedNode):
        raise InputError(f"a parameter of {component} needs one IRI as sh:path")
    name = paths[0].value.replace("#", "/").rsplit("/", 1)[-1]
    if not name.isidentifier() or name in _ALWAYS:
        raise InputError(
            f"parameter {paths[0]} of {component} cannot be a variable of a query: ${name}"
        )
    return Parameter(paths[0], name, is_true(shapes, node, "optional"))


def _compile_component(
    shapes: ShapesGraph,
    component: Component,
    parameters: dict[str, Term],
    shape: Term,
    path: Path | None,
) -> SparqlConstraint | None:
    """None when the component has no validator for this kind of shape: SHACL ignores it there (section 6.3)."""
    own = sh("nodeValidator" if path is None else "propertyValidator")
    validators = [
        *shapes.objects(component.node, own),
        *shapes.objects(component.node, sh("validator")),
    ]
    for validator in validators:
        for keyword in ("select", "ask"):
            if shapes.objects(validator, sh(keyword)):
                return _compile(
                    shapes,
                    validator,
                    shape,
                    path,
                    component=component.node,
                    text=_query_text(shapes, validator, shape, keyword),
                    parameters=parameters,
                    names=[p.name for p in component.parameters],
                )
        if shapes.objects(validator, sh("jsFunctionName")):
            raise InputError(
                f"{shape}: {component.node} has only a JavaScript validator, which is not supported",
                hint="Give the component a validator with sh:ask or sh:select",
            )
    return None


def _query_text(shapes: ShapesGraph, node: Term, shape: Term, keyword: str) -> str:
    texts = shapes.objects(node, sh(keyword))
    if len(texts) != 1 or not isinstance(texts[0], Literal):
        raise InputError(f"{shape}: {node} needs one string as sh:{keyword}")
    return texts[0].value


def _compile(
    shapes: ShapesGraph,
    node: Term,
    shape: Term,
    path: Path | None,
    *,
    component: NamedNode,
    text: str,
    parameters: Mapping[str, Term],
    names: Iterable[str],
) -> SparqlConstraint:
    is_component = component != sh("SPARQLConstraintComponent")
    keyword = "ask" if shapes.objects(node, sh("ask")) and is_component else "select"
    known = {"currentShape": shape, "shapesGraph": SHAPES_GRAPH, **parameters}
    changing = ("this", "value") if keyword == "ask" else ("this",)
    prebound = {*changing, "currentShape", "shapesGraph", *names}
    try:
        query = parse_query(
            text,
            prefixes=find_prefixes(shapes, node),
            path=None if path is None else str(path),
            prebound=prebound,
            foreign=True,
        )
        _check_form(query, keyword)
        check_prebinding(query, prebound)
    except InputError as error:
        where = ""
        if error.line is not None:
            where = f", line {error.line} column {error.column} of the query"
        raise InputError(
            f"{shape}, sh:{keyword}{where}: {error.message}", hint=error.hint
        ) from error
    pattern = substitute(keep_columns(query.pattern, changing), known)
    query = Query(pattern, query.variables, query.ask)
    labels = shapes.objects(component, sh("labelTemplate"))
    return SparqlConstraint(
        shape=shape,
        path=path,
        component=component,
        source=None if is_component else node,
        query=query,
        parameters=known,
        shapes_graph=shapes.columns,
        messages=_messages(shapes, node),
        shape_messages=_messages(shapes, shape),
        label=labels[0].value if labels and isinstance(labels[0], Literal) else "",
        outside=reasons(query),
    )


def _check_form(query: Query, keyword: str) -> None:
    if query.ask != (keyword == "ask"):
        raise InputError(f"sh:{keyword} needs {'an ASK' if keyword == 'ask' else 'a SELECT'} query")
    if not query.ask and "this" not in query.variables:
        raise InputError("the query must select $this")


def _messages(shapes: ShapesGraph, node: Term) -> tuple[Literal, ...]:
    return tuple(text for text in shapes.objects(node, sh("message")) if isinstance(text, Literal))


def is_true(shapes: ShapesGraph, node: Term, name: str) -> bool:
    values = (value_of(term) for term in shapes.objects(node, sh(name)))
    return any(value is not None and value.number == 1 for value in values)


def find_prefixes(shapes: ShapesGraph, node: Term) -> dict[str, str]:
    """What sh:prefixes declares, with what its values import (section 5.2.1)."""
    ontologies = tuple(shapes.objects(node, sh("prefixes")))
    found = shapes.prefixes.get(ontologies)
    if found is None:
        found = shapes.prefixes[ontologies] = _read_prefixes(shapes, ontologies, node)
    return found


def _read_prefixes(shapes: ShapesGraph, ontologies: Iterable[Term], node: Term) -> dict[str, str]:
    prefixes: dict[str, str] = {}
    waiting = list(ontologies)
    seen = set(waiting)
    while waiting:
        ontology = waiting.pop()
        for declaration in shapes.objects(ontology, sh("declare")):
            prefix, namespace = (
                [
                    term.value
                    for term in shapes.objects(declaration, sh(name))
                    if isinstance(term, Literal)
                ]
                for name in ("prefix", "namespace")
            )
            if len(prefix) != 1 or len(namespace) != 1:
                raise InputError(
                    f"a sh:declare of {ontology} needs one sh:prefix and one sh:namespace"
                )
            if prefixes.setdefault(prefix[0], namespace[0]) != namespace[0]:
                raise InputError(f"prefix {prefix[0]}: is declared with two namespaces for {node}")
        for imported in shapes.objects(ontology, _OWL_IMPORTS):
            if imported not in seen:
                seen.add(imported)
                waiting.append(imported)
    return prefixes
