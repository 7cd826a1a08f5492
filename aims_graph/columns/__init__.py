"""RDF graphs as NumPy columns: a dictionary of terms, and triples by predicate, sorted both ways."""

from . import joins
from .graph import Columns, Pairs, load
from .terms import BLANK, IRI, LITERAL, Term, TermDictionary, Triple

__all__ = [
    "BLANK",
    "IRI",
    "LITERAL",
    "Columns",
    "Pairs",
    "Term",
    "TermDictionary",
    "Triple",
    "joins",
    "load",
]
