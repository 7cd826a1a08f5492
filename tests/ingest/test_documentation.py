"""docs/mapping.md says what the code does: its examples run, and every word of the language is in it."""

import re

import pyoxigraph as ox
import pytest

from aims_graph.ingest import (
    dates,
    ingest,
    mapping_file,
    mapping_parts,
    tables,
    templates,
    transforms,
)


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "mapping.md").read_text(encoding="utf-8")


def block(page, kind):
    (found,) = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    return found


def test_the_example_of_a_mapping_gives_what_the_page_says(page, write):
    found = ingest(
        [write("inventory.csv", block(page, "csv inventory.csv"))],
        mapping=write("mapping.yaml", block(page, "yaml mapping")),
    )
    expected = ox.parse(block(page, "turtle"), format=ox.RdfFormat.TURTLE)
    assert set(found.quads) == set(expected)


def test_the_example_of_an_aims_file_is_read(page, write):
    found = ingest([write("aims.yaml", block(page, "yaml aims"))])
    assert {iri.rpartition("#")[2]: n for iri, n in found.report.entities.items()} == {
        "AISystem": 1,
        "Person": 1,
        "Risk": 2,
        "Deployment": 1,
    }


@pytest.mark.parametrize(
    "words",
    [
        mapping_file._TOP,
        mapping_file._SOURCE,
        mapping_file._ENTITY,
        mapping_file._SUBJECT,
        mapping_file._PROPERTY,
        mapping_file._NODE,
        mapping_file._UNKNOWN,
        mapping_parts._MEANINGS,
        mapping_parts._COMPARISONS,
        dates.FORMS,
        dates.PARTIAL,
        tables.FORMATS,
        templates.FILTERS,
        templates.SPECIAL,
        transforms.NAMES,
    ],
    ids=lambda words: next(iter(words)),
)
def test_every_word_of_the_language_is_explained(page, words):
    missing = [
        word
        for word in words
        if not re.search(rf"`[^`\n]*(?<![\w-]){re.escape(word)}(?![\w-])[^`\n]*`", page)
    ]
    assert not missing
