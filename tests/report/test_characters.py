"""What others wrote cannot look like something else: not in documents, nor on the screen."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from pyoxigraph import Literal, NamedNode, Store
from rich.console import Console

from aims_graph.assessment import evaluate
from aims_graph.characters import reveal
from aims_graph.cli.output import Screen, print_table
from aims_graph.columns import Columns
from aims_graph.report import write_findings, write_statement
from aims_graph.report.results import read_answer, write_answer
from aims_graph.vocabulary import AIMS, RDF, RDFS, XSD

#: Turned text, unseen letters, a byte order mark, a tag character, a terminal command, an alarm.
MISLEADING = "\u202etxt.exe\u202c a\u200bb\u2066c\u2069\ufeff\u00ad\u3164\U000e0041\x1b[2J\x07"
UNSEEN = set("\u202e\u202c\u200b\u2066\u2069\ufeff\u00ad\u3164\U000e0041\x1b\x07")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain “text” ✔ 日本語", "plain “text” ✔ 日本語"),
        ("pay\u202egnp", r"pay\u202egnp"),
        ("A.\u200b7", r"A.\u200b7"),
        ("ad\u200dmin", r"ad\u200dmin"),
        ("נ\u200cמ", "נ\u200cמ"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
    ],
)
def test_only_what_misleads_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert reveal(text) == shown


def _entry(justification: str) -> Columns:
    """A statement of applicability with one entry, owner and justification of doubtful names."""
    entry, owner = NamedNode("urn:entry"), NamedNode("urn:owner")
    truth = Literal("true", datatype=NamedNode(XSD + "boolean"))
    return Columns.from_triples(
        [
            (entry, NamedNode(RDF + "type"), NamedNode(AIMS + "ApplicabilityEntry")),
            (
                entry,
                NamedNode(AIMS + "forControl"),
                NamedNode("https://w3id.org/aims-graph/iso42001#A.7.4"),
            ),
            (entry, NamedNode(AIMS + "applicable"), truth),
            (entry, NamedNode(AIMS + "justification"), Literal(justification)),
            (entry, NamedNode(AIMS + "owner"), owner),
            (owner, NamedNode(RDFS + "label"), Literal(MISLEADING)),
        ]
    )


def _texts(assessment) -> dict[str, str]:
    sheet = openpyxl.load_workbook(io.BytesIO(write_statement(assessment, "xlsx"))).active
    return {
        "findings": write_findings(assessment, "markdown"),
        "markdown": write_statement(assessment, "markdown").decode(),
        "html": write_statement(assessment, "html").decode(),
        "xlsx": "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row),
    }


def test_documents_show_what_is_unseen() -> None:
    texts = _texts(evaluate(_entry(MISLEADING), as_of=date(2026, 11, 24)))
    for name, text in texts.items():
        assert not UNSEEN.intersection(text), name
        assert r"\u202etxt.exe" in text.replace("\\\\", "\\"), name


@pytest.mark.parametrize("start", "=+-@\uff1d")
def test_no_cell_of_the_statement_starts_like_a_formula(start: str) -> None:
    texts = _texts(evaluate(_entry(start + "cmd|' /C calc'!A0"), as_of=date(2026, 11, 24)))
    assert f"| '{start}cmd" in texts["markdown"]
    assert f"\n'{start}cmd" in texts["xlsx"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"]
)
def test_no_cell_of_an_answer_starts_like_a_formula(text: str) -> None:
    answer = read_answer(_one(text))
    rows = list(csv.reader(io.StringIO(write_answer(answer, "csv"), newline="")))
    assert rows[1] == ["'" + text]
    assert "| '" in write_answer(answer, "markdown") or text[0].isspace()


@pytest.mark.parametrize("number", ["-5", "+1.5", "-1e9"])
def test_a_negative_number_stays_a_number(number: str) -> None:
    assert write_answer(read_answer(_one(number)), "csv").splitlines()[1] == number


def _one(text: str):
    return Store().query(f"SELECT ?t WHERE {{ BIND({Literal(text)} AS ?t) }}")


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_of_the_data_drives_the_terminal(terminal: bool) -> None:
    screen = Screen(file=io.StringIO(), force_terminal=terminal, no_color=True, width=120)
    print_table(("Name",), [(MISLEADING,)], screen=screen)
    screen.print(f"{MISLEADING} may not enter.", markup=False)
    text = screen.file.getvalue()
    assert r"\u202etxt.exe" in text
    assert "\x1b[2J" not in text
    assert not (UNSEEN - {"\x1b"}).intersection(text)


def test_a_table_in_a_pipe_is_one_line_a_row_whatever_the_width() -> None:
    def printed(width: int) -> str:
        screen = Console(file=io.StringIO(), force_terminal=False, width=width)
        rows = [("A.7.4", "a [b]long[/b]\ntext\twith breaks " * 30, True), ("A.7.5", None, 3)]
        print_table(("Requirement", "Text", "Count"), rows, title="Gaps", screen=screen)
        return screen.file.getvalue()

    text = printed(40)
    assert text == printed(400)
    title, head, first, second, *rest = text.split("\n")
    assert (title, head, second) == ("Gaps", "Requirement\tText\tCount", "A.7.5\t\t3")
    assert first.split("\t")[::2] == ["A.7.4", "yes"]
    assert not any(rest)
