"""Words of a statement, with the places at which AWS's complaints point."""

import re
from typing import NamedTuple

KEYWORDS = frozenset(
    {
        *("ALL", "AND", "AS", "ASC", "AT", "BETWEEN", "BY", "CONFLICT", "CROSS"),
        *("DELETE", "DESC", "DISTINCT", "DO", "EXISTS", "FALSE", "FROM", "FULL", "GROUP"),
        *("HAVING", "IN", "INNER", "INSERT", "INTO", "IS", "JOIN", "LEFT", "LIKE"),
        *("LIMIT", "MISSING", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER"),
        *("PIVOT", "REMOVE", "RETURNING", "RIGHT", "SELECT", "SET", "TABLE", "TRUE", "UNION"),
        *("UNPIVOT", "UPDATE", "VALUE", "VALUES", "WHERE"),
    }
)
NOT_RESERVED = frozenset({"ALL", "CONFLICT", "DO", "OFFSET", "REMOVE", "RETURNING", "VALUE"})
"""Keywords only where the grammar asks for them; elsewhere they are names."""

_WORD = re.compile(
    r"(?P<space>\s+|--[^\n\r]*|/\*.*?\*/)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<ion>`[^`]*`)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)"
    r"|(?P<sign><<|>>|<>|!=|<=|>=|[=<>(),.\[\]{}:?*+;-])|(?P<strange>.)",
    re.ASCII | re.DOTALL,
)


class Token(NamedTuple):
    """kind: text, quoted, ion, number, name, sign, strange, end. `text` is what it means, quotes undone."""

    kind: str
    text: str
    line: int
    column: int
    length: int

    def word(self) -> str:
        """The keyword that it may be."""
        return self.text.upper() if self.kind == "name" else ""


def tokens(statement: str) -> list[Token]:
    """The words, an end marker last; comments are space."""
    found: list[Token] = []
    line, line_start = 1, 0
    for match in _WORD.finditer(statement):
        kind, raw = str(match.lastgroup), match.group()
        if kind != "space":
            column = match.start() - line_start + 1
            found.append(Token(kind, _meaning(kind, raw), line, column, len(raw)))
        if "\n" in raw:
            line += raw.count("\n")
            line_start = match.start() + raw.rindex("\n") + 1
    found.append(Token("end", "<EOF>", line, len(statement) - line_start + 1, 0))
    return found


def _meaning(kind: str, raw: str) -> str:
    if kind == "text":
        return raw[1:-1].replace("''", "'")
    return raw[1:-1].replace('""', '"') if kind == "quoted" else raw
