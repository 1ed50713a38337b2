"""A cursor over a statement's words, and what all of its grammar shares: names, paths, literals, parameters."""

from typing import NoReturn

from panregion.languages.dynamodb import Value, ValueRejected, canonical_number, measure_value
from panregion.languages.dynamodb.paths import Path
from panregion.languages.partiql.errors import PartiqlError, at, malformed
from panregion.languages.partiql.tokens import KEYWORDS, NOT_RESERVED, Token, tokens

MAX_INDEX = 2**31 - 1
MAX_NESTING = 32
DUPLICATES = "One or more parameter values were invalid: Input collection"


class Cursor:
    """The words from left to right; literals are put aside as they are met."""

    def __init__(self, statement: str) -> None:
        self._tokens = tokens(statement)
        self._at = 0
        self.literals: dict[str, Value] = {}
        self.parameters = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def following(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def is_sign(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def is_word(self, word: str) -> bool:
        return self.token.word() == word

    def skip_sign(self, sign: str) -> bool:
        found = self.is_sign(sign)
        self._at += found
        return found

    def skip_word(self, word: str) -> bool:
        found = self.is_word(word)
        self._at += found
        return found

    def expect_sign(self, sign: str, noun: str) -> None:
        if not self.skip_sign(sign):
            raise malformed(f"Expected {noun}")

    def expect_word(self, word: str) -> None:
        if not self.skip_word(word):
            raise malformed(f"Expected {word}")

    def expect_end(self) -> None:
        self.skip_sign(";")
        if self.token.kind != "end":
            raise malformed("Unexpected token after expression")

    def fail(self) -> NoReturn:
        token = self.token
        if token.kind == "end":
            raise malformed("Unexpected end of statement")
        if token.word() in KEYWORDS:
            raise malformed("Unexpected keyword")
        raise malformed("Unexpected term" if token.kind != "sign" else "Unexpected operator")

    # Names and paths

    def is_name(self) -> bool:
        token = self.token
        return token.kind == "quoted" or (
            token.kind == "name" and (token.word() not in KEYWORDS or token.word() in NOT_RESERVED)
        )

    def name(self) -> str:
        if not self.is_name():
            self.fail()
        token = self.take()
        if not token.text:
            raise at("Path component cannot be an empty string", token)
        return token.text

    def path(self) -> Path:
        steps: list[str | int] = [self.name()]
        while True:
            if self.is_sign("."):
                self.take()
                if self.is_sign("*"):
                    raise PartiqlError("Unpivot path component like a.*.b are not supported")
                steps.append(self.name())
            elif self.is_sign("["):
                self.take()
                steps.append(self._index())
                self.expect_sign("]", "RIGHT_BRACKET")
            else:
                return tuple(steps)

    def _index(self) -> int | str:
        if self.is_sign("*"):
            raise PartiqlError("Wildcard path component like a[*].b are not supported")
        if self.token.kind == "text":
            return self.take().text
        negative = self.skip_sign("-")
        token = self.token
        if token.kind != "number" or not token.text.isdigit():
            raise at("Unexpected path component", token)
        self.take()
        index = -int(token.text) if negative else int(token.text)
        if not 0 <= index <= MAX_INDEX:
            length = 1 if negative else token.length
            place = token._replace(column=token.column - negative)
            raise at(f"List index is not within the allowable range; index: [{index}]", place, length)
        return index

    # Values

    def is_literal(self) -> bool:
        if self.token.kind in ("text", "number", "ion"):
            return True
        if self.token.word() in ("TRUE", "FALSE", "NULL", "MISSING"):
            return True
        return self.is_sign("[", "{", "<<", "-", "+")

    def parameter(self) -> str:
        """The name of the next parameter's value."""
        self.take()
        self.parameters += 1
        return f"?{self.parameters - 1}"

    def keep(self, value: Value) -> str:
        """Put a literal aside; returns the name of its value."""
        name = f":{len(self.literals)}"
        self.literals[name] = value
        return name

    def literal(self) -> Value:
        """A literal, checked as any value is."""
        value = self._value("root", 0)
        try:
            measure_value(value)
        except ValueRejected as error:
            raise PartiqlError(str(error)) from error
        return value

    def _value(self, place: str, depth: int) -> Value:
        if depth >= MAX_NESTING:
            raise PartiqlError(f"Nesting Levels have exceeded supported limits under {place}")
        token = self.token
        if token.kind == "text":
            return {"S": self.take().text}
        if token.kind == "number" or self.is_sign("-", "+"):
            return {"N": self._number()}
        if token.kind == "ion":
            raise at(f"Ion Literals are not supported: {token.text} under key {place}", token)
        if token.word() in ("TRUE", "FALSE"):
            return {"BOOL": self.take().word() == "TRUE"}
        if token.word() == "NULL":
            self.take()
            return {"NULL": True}
        if token.word() == "MISSING":
            raise PartiqlError("MISSING must be compared using IS operator")
        if self.is_sign("?"):
            raise at(f"Unsupported data type: Parameter under key {place}", token)
        if self.skip_sign("["):
            return {"L": self._members("]", place, depth)}
        if self.skip_sign("<<"):
            return self._bag(place, depth)
        if self.skip_sign("{"):
            return {"M": self._struct(place, depth)}
        return self.fail()

    def _number(self) -> str:
        negative = False
        while self.is_sign("-", "+"):
            negative ^= self.take().text == "-"
        if self.token.kind != "number":
            self.fail()
        text = self.take().text
        return f"-{text}" if negative else text

    def _members(self, closing: str, place: str, depth: int) -> list[Value]:
        members: list[Value] = []
        while not self.skip_sign(closing):
            if members:
                self.expect_sign(",", "COMMA")
            members.append(self._value(f"{place}[{len(members)}]", depth + 1))
        return members

    def _struct(self, place: str, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not self.skip_sign("}"):
            if found:
                self.expect_sign(",", "COMMA")
            name = self.key(place)
            if name in found:
                raise PartiqlError(f"Duplicate keys in tuple. Key: {name} under {place}")
            found[name] = self._value(f"{place}.{name}", depth + 1)
        return found

    def key(self, place: str) -> str:
        """The name of a tuple's member and its colon."""
        token = self.take()
        if token.kind not in ("text", "quoted"):
            raise at(f"Tuple keys must be of type String. Actual type: {token.kind} under {place}", token)
        self.expect_sign(":", "COLON")
        return token.text

    def _bag(self, place: str, depth: int) -> Value:
        """A set: of texts or of numbers."""
        members = self._members(">>", place, depth)
        if not members:
            raise PartiqlError("Empty bags are not supported")
        if all("S" in member for member in members):
            return {"SS": [member["S"] for member in members]}
        if not all("N" in member for member in members):
            raise PartiqlError("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")
        numbers = [member["N"] for member in members]
        if len({canonical_number(text) for text in numbers}) != len(numbers):
            raise PartiqlError(f"{DUPLICATES} [{', '.join(numbers)}] contains duplicates! under {place}")
        return {"NS": numbers}
