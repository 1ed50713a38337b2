"""Words of an expression, and a cursor over them that complains as DynamoDB does.

A syntax error names the word it fell over and quotes the expression from the word before to the word after, as it
was written. A character that begins no word is a word of its own, so it is refused only when the parser reaches it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

from panregion.languages.dynamodb.errors import ExpressionError

MAX_EXPRESSION_BYTES = 4096
MAX_DEPTH = 150
"""Of parentheses in parentheses: what the parsers' recursion can bear. AWS tells no limit but that of operators."""

_WORD = re.compile(
    r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<alias>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>[0-9]+)|(?P<sign><>|<=|>=|[=<>(),.\[\]+-])|(?P<strange>\S))",
    re.ASCII,
)


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class Cursor:
    """The words of one expression, read from left to right."""

    def __init__(self, text: str) -> None:
        if not text:
            raise ExpressionError("The expression can not be empty;")
        size = len(text.encode())
        if size > MAX_EXPRESSION_BYTES:
            raise ExpressionError(f"Expression size has exceeded the maximum allowed size; expression size: {size}")
        self._text = text
        self._tokens = [
            Token(match.lastgroup or "", match[match.lastgroup or 0], *match.span(match.lastgroup or 0))
            for match in _WORD.finditer(text)
        ]
        if not self._tokens:
            raise ExpressionError("The expression can not be empty;")
        end = self._tokens[-1].end
        self._tokens.append(Token("end", "<EOF>", end, end))
        self._at = 0
        self._depth = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """What is read within is one level further down. Raises ExpressionError for too many levels."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"The expression is nested too deeply; levels allowed: {MAX_DEPTH}")
        yield
        self._depth -= 1

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def following(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def is_sign(self, text: str) -> bool:
        token = self._tokens[self._at]
        return token.kind == "sign" and token.text == text

    def is_word(self, word: str) -> bool:
        """Whether the next word is this keyword, in any case."""
        token = self._tokens[self._at]
        return token.kind == "name" and token.text.upper() == word

    def take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def skip_sign(self, text: str) -> bool:
        found = self.is_sign(text)
        self._at += found
        return found

    def skip_word(self, word: str) -> bool:
        found = self.is_word(word)
        self._at += found
        return found

    def expect_sign(self, text: str) -> None:
        if not self.skip_sign(text):
            self.fail()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            self.fail()

    def fail(self) -> NoReturn:
        """Refuse the word at hand."""
        token = self.token
        before = self._tokens[max(self._at - 1, 0)]
        near = self._text[before.start : self.following.end]
        raise ExpressionError(f'Syntax error; token: "{token.text}", near: "{near}"')
