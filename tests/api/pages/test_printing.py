"""Pages on paper: without navigation, tables whole and with their head on each sheet."""

from itertools import count

from pypdf import PdfReader


def sheets(walk, session, shop, served, tmp_path, *paths):
    """Page -> its sheets."""
    files = [tmp_path / f"{number}.pdf" for number, _ in zip(count(), paths, strict=False)]
    steps = [
        step
        for path, file in zip(paths, files, strict=True)
        for step in ({"go": served + path}, {"print": str(file)})
    ]
    walk({"cookie": [served, session(shop)]}, *steps)
    return [PdfReader(file).pages for file in files]


def words(page):
    return " ".join(page.extract_text().split())


def right_end(page):
    """Where the last text begins, in points from the left."""
    found = [0.0]

    def see(text, matrix, place, *_):
        if text.strip():
            found.append(matrix[0] * place[4] + matrix[4])

    page.extract_text(visitor_text=see)
    return max(found)


def test_what_is_printed_is_whole_and_says_as_of_when(shop, served, walk, session, tmp_path):
    found = sheets(
        walk, session, shop, served, tmp_path,
        "statement-of-applicability", "heat-map", "findings", "requirements/6.1.3",
    )  # fmt: skip
    statement, heat_map, findings, requirement = found
    for pages in (statement, heat_map):
        assert all(page.mediabox.width > page.mediabox.height for page in pages)
    for pages in (findings, requirement):
        assert all(page.mediabox.width < page.mediabox.height for page in pages)
    for pages in found:
        text = " ".join(page.extract_text() for page in pages)
        assert "Judged as of 2026-06-30, with journal entry 1" in text
        for hidden in ("Sign out", "Skip to the content", "Order by", "Interface for programs"):
            assert hidden not in text
        assert all(right_end(page) < float(page.mediabox.width) for page in pages)
    with_rows = [text for text in map(words, statement) if "A." in text]
    assert all("Implementation" in text and "Evidence current" in text for text in with_rows)
    assert "A.10.4" in with_rows[-1]
    assert len(findings) > 1
    assert all("Requirement" in page.extract_text() for page in findings)
