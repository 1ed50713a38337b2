"""Filter patterns: which messages a filter lets through. Compiled once, then called per message. Pure.

    ERROR "out of memory"          all of these in the message
    ?ERROR ?WARN                   one of these
    ERROR -expected                this, and not that
    %4[0-9]{2}%                    a regular expression
    { $.level = "ERROR" && $.ms > 10 }      a JSON message that says so

A JSON condition compares a member ($.a.b[0]) with a string (* matches anything in it), a number, %regex%, or asks
IS NULL, IS TRUE, IS FALSE, NOT EXISTS; && binds closer than ||; parentheses group. Space-delimited patterns
([ip, user, ...]) are refused by name.
"""

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from panregion.services.logs.errors import InvalidParameterException

Match = Callable[[str], bool]
Condition = Callable[[Any], bool]

MISSING = object()
TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|(\S+))')
TOKEN = re.compile(
    r"""\s*(?:
      (?P<path>\$(?:\.[\w-]+|\.\"[^\"]+\"|\[\d+\])+) | (?P<string>"(?:[^"\\]|\\.)*") | %(?P<regex>(?:[^%\\]|\\.)+)%
    | (?P<op>&&|\|\||!=|<=|>=|=|<|>|\(|\)) | (?P<word>[\w.*:/+-]+))""",
    re.VERBOSE,
)
STEP = re.compile(r"\.([\w-]+)|\.\"([^\"]+)\"|\[(\d+)\]")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def invalid(why: str) -> InvalidParameterException:
    return InvalidParameterException(f"Invalid filter pattern: {why}")


def compile_pattern(pattern: str) -> Match:
    """What the pattern lets through. Raises InvalidParameterException."""
    text = pattern.strip()
    if text.startswith("{"):
        return _json(text)
    if text.startswith("["):
        raise invalid("panregion does not support space-delimited patterns")
    return _terms(text)


def _terms(text: str) -> Match:
    required, optional, excluded = list[Match](), list[Match](), list[Match]()
    kinds = {"": required, "?": optional, "-": excluded}
    for sign, quoted, regex, word in TERM.findall(text):
        kinds[sign].append(_regex(regex) if regex else _contains(_unquote(quoted) if quoted else word))

    def match(message: str) -> bool:
        return (
            all(term(message) for term in required)
            and not any(term(message) for term in excluded)
            and (not optional or any(term(message) for term in optional))
        )

    return match


def _contains(term: str) -> Match:
    return lambda message: term in message


def _regex(text: str) -> Match:
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise invalid(str(error)) from error
    return lambda message: compiled.search(message) is not None


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _json(text: str) -> Match:
    if not text.endswith("}"):
        raise invalid("a JSON pattern ends with }")
    condition = _Parser(text[1:-1]).whole()

    def match(message: str) -> bool:
        try:
            value = json.loads(message)
        except ValueError:
            return False
        return condition(value)

    return match


class _Parser:
    """Recursive descent over the tokens of a JSON pattern."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = TOKEN.match(text, position)
            if found is None:
                raise invalid(f"at {text[position:].strip()[:20]!r}")
            kind = found.lastgroup
            assert kind is not None
            self._tokens.append((kind, found[kind]))
            position = found.end()

    def whole(self) -> Condition:
        condition = self._any()
        if self._tokens:
            raise invalid(f"unexpected {self._tokens[0][1]}")
        return condition

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise invalid("it ends too early")
        return self._tokens.pop(0)

    def _accept(self, text: str) -> bool:
        if self._tokens and self._tokens[0] == ("op", text):
            self._tokens.pop(0)
            return True
        return False

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._accept("||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda value: any(part(value) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._accept("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda value: all(part(value) for part in parts)

    def _one(self) -> Condition:
        if self._accept("("):
            inside = self._any()
            if not self._accept(")"):
                raise invalid("a ) is missing")
            return inside
        kind, path = self._next()
        if kind != "path":
            raise invalid(f"{path} is not a member: write $.{path}")
        find = _member(path)
        kind, word = self._next()
        return self._comparison(find, word) if kind == "op" else self._question(find, word)

    def _question(self, find: Callable[[Any], Any], word: str) -> Condition:
        question = f"{word} {self._next()[1]}".upper()
        answers: dict[str, Condition] = {
            "IS NULL": lambda value: find(value) is None,
            "IS TRUE": lambda value: find(value) is True,
            "IS FALSE": lambda value: find(value) is False,
            "NOT EXISTS": lambda value: find(value) is MISSING,
        }
        if question not in answers:
            raise invalid(f"there is no {question}")
        return answers[question]

    def _comparison(self, find: Callable[[Any], Any], op: str) -> Condition:
        kind, text = self._next()
        if op in COMPARE:
            number, compare = _number(text), COMPARE[op]
            if number is None:
                raise invalid(f"{op} compares with a number")
            return lambda value: _is_number(found := find(value)) and compare(found, number)
        if op not in ("=", "!="):
            raise invalid(f"unexpected {op}")
        equal = _equal(kind, text)
        if op == "=":
            return lambda value: (found := find(value)) is not MISSING and equal(found)
        return lambda value: (found := find(value)) is not MISSING and not equal(found)


def _equal(kind: str, text: str) -> Condition:
    if kind == "regex":
        matches = _regex(text)
        return lambda found: matches(_text(found))
    number = _number(text) if kind == "word" else None
    if number is not None:
        return lambda found: _is_number(found) and found == number
    wanted = _unquote(text[1:-1]) if kind == "string" else text
    if "*" not in wanted:
        return lambda found: _text(found) == wanted
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)
    return lambda found: pattern.fullmatch(_text(found)) is not None


def _text(found: Any) -> str:
    return found if isinstance(found, str) else json.dumps(found)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(found: Any) -> bool:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _member(path: str) -> Callable[[Any], Any]:
    steps: list[str | int] = [int(index) if index else name or quoted for name, quoted, index in STEP.findall(path)]

    def find(value: Any) -> Any:
        for step in steps:
            if isinstance(step, str):
                value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else MISSING
        return value

    return find
