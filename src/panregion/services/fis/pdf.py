"""Lines of text as a PDF: one fixed-width font, as many pages as it takes (ISO 32000-1, 7.5 and 9.4)."""

LINES_PER_PAGE = 60
COLUMNS = 95
HEADER = b"%PDF-1.4\n"


def pdf(lines: list[str]) -> bytes:
    """The document; what Latin-1 cannot write becomes a question mark."""
    folded = [line[at : at + COLUMNS] for line in lines for at in range(0, max(len(line), 1), COLUMNS)]
    pages = [folded[at : at + LINES_PER_PAGE] for at in range(0, len(folded), LINES_PER_PAGE)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = _content(page)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            b"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        ]
    return _file(objects)


def _content(page: list[str]) -> bytes:
    shown = b"\n".join(b"(%s) '" % _escaped(line) for line in page)
    return b"BT /F1 9 Tf 12 TL 40 800 Td\n" + shown + b"\nET"


def _escaped(line: str) -> bytes:
    text = line.encode("latin-1", "replace")
    return text.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _file(objects: list[bytes]) -> bytes:
    """The objects, numbered from 1, with the table of where each begins."""
    body = HEADER
    begins = []
    for number, content in enumerate(objects, 1):
        begins.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % begin for begin in begins)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + head + table + trailer
