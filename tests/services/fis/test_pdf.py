"""The PDF's structure: its table tells where every object begins, and its pages hold every line."""

import re

from panregion.services.fis.pdf import LINES_PER_PAGE, pdf


def objects(document: bytes) -> dict[int, bytes]:
    """The document's objects by number, found as a reader finds them: by the table at its end."""
    (start,) = re.findall(rb"startxref\n(\d+)\n%%EOF\n$", document)
    table = document[int(start) :]
    assert table.startswith(b"xref\n0 ")
    begins = [int(begin) for begin in re.findall(rb"^(\d{10}) 00000 n $", table, re.MULTILINE)]
    found = {}
    for number, begin in enumerate(begins, 1):
        head = b"%d 0 obj\n" % number
        assert document[begin:].startswith(head)
        found[number] = document[begin + len(head) :].partition(b"\nendobj\n")[0]
    return found


def test_every_object_is_where_the_table_says() -> None:
    found = objects(pdf(["one line"]))
    assert found[1] == b"<< /Type /Catalog /Pages 2 0 R >>"
    assert b"/Kids [4 0 R] /Count 1" in found[2]
    assert b"(one line) '" in found[5]
    (length,) = re.findall(rb"/Length (\d+)", found[5])
    assert len(found[5].partition(b"stream\n")[2].removesuffix(b"\nendstream")) == int(length)


def test_long_reports_have_several_pages() -> None:
    found = objects(pdf([f"line {number}" for number in range(LINES_PER_PAGE + 1)]))
    assert b"/Kids [4 0 R 6 0 R] /Count 2" in found[2]
    assert b"line 60" not in found[5]
    assert b"line 60" in found[7]


def test_brackets_and_other_alphabets() -> None:
    found = objects(pdf(["a (b) \\ c", "ü", "日本"]))
    assert b"(a \\(b\\) \\\\ c) '" in found[5]
    assert b"(\xfc) '" in found[5]
    assert b"(??) '" in found[5]


def test_long_lines_are_folded() -> None:
    assert objects(pdf(["x" * 200]))[5].count(b") '") == 3
