"""Templates: text, references and directives, compiled once and rendered many times."""

import re
from collections.abc import Mapping
from typing import Any

from panregion.languages.vtl.errors import VtlError
from panregion.languages.vtl.expressions import NAME, SPACE, Reference, read_expression, read_list, read_reference
from panregion.languages.vtl.state import Break, Expression, Node, State, Stop
from panregion.languages.vtl.values import Host, truth

ROUNDS_MAX = 1000
"""API Gateway lets all loops of a template go round this often."""

DIRECTIVE = re.compile(r"#(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
TEXT = re.compile(r"[^$#\\]+")
REST_OF_LINE = re.compile(r"[ \t]*\r?\n")
LINE_COMMENT = re.compile(r"##[^\n]*(?:\n|$)")
BLOCK_COMMENT = re.compile(r"#\*.*?\*#", re.S)
UNPARSED = re.compile(r"#\[\[(.*?)\]\]#", re.S)

BLOCK_ENDS = ("end", "else", "elseif")


class Template:
    """A compiled template."""

    def __init__(self, source: str) -> None:
        """Raises VtlError where the source cannot be read."""
        reader = Reader(source)
        self._node = reader.block(())
        if reader.at < len(source):
            raise reader.error("the end of the template")

    def render(self, variables: Mapping[str, Any], rounds_max: int = ROUNDS_MAX) -> str:
        """What the template writes. The variables themselves stay as they are. Raises VtlError."""
        return self.run(variables, rounds_max)[0]

    def run(self, variables: Mapping[str, Any], rounds_max: int = ROUNDS_MAX) -> tuple[str, Any]:
        """What the template writes, and what it gave to #return."""
        state = State(dict(variables), rounds_max)
        try:
            self._node(state)
        except Stop as stop:
            return "".join(state.out), stop.value
        except Break:
            return "".join(state.out), None
        except RecursionError as error:
            raise VtlError("the template goes too deep") from error
        return "".join(state.out), None


class Reader:
    """A place in a template's source, and the parser of directives from there on."""

    def __init__(self, source: str, macros: set[str] | None = None) -> None:
        self.source = source
        self.at = 0
        self._macros: set[str] = set() if macros is None else macros

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.source, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def take(self, literal: str) -> bool:
        if not self.source.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        if not self.take(literal):
            raise self.error(literal)

    def space(self) -> None:
        self.match(SPACE)

    def error(self, wanted: str) -> VtlError:
        line = self.source.count("\n", 0, self.at) + 1
        got = self.source[self.at : self.at + 20] or "the end"
        return VtlError(f"line {line}: expected {wanted}, got {got!r}")

    def within(self, source: str) -> Node:
        """A string's own template; it knows the same macros."""
        inner = Reader(source, self._macros)
        node = inner.block(())
        if inner.at < len(source):
            raise inner.error("the end of the string")
        return node

    def block(self, ends: tuple[str, ...]) -> Node:
        """Everything up to a directive of `ends`, which is left where it is."""
        nodes: list[Node] = []
        while self.at < len(self.source):
            if self._directive_name() in BLOCK_ENDS:
                if not ends:
                    raise self.error("something else: there is nothing to end")
                break
            nodes.append(self._one())
        else:
            if ends:
                raise self.error("#end")
        return _sequence(nodes)

    def _directive_name(self) -> str | None:
        found = DIRECTIVE.match(self.source, self.at)
        return None if found is None else found[1] or found[2]

    def _one(self) -> Node:
        found = self.match(TEXT)
        if found is not None:
            return _literal(found[0])
        head = self.peek()
        if head == "$":
            reference = read_reference(self)
            if reference is not None:
                return reference.write
            self.at += 1
            return _literal("$")
        if head == "\\":
            return self._escape()
        return self._hash()

    def _escape(self) -> Node:
        """A backslash before a reference or directive makes it text."""
        self.at += 1
        if self.peek() and self.peek() in "$#\\":
            escaped = self.peek()
            if escaped == "\\":
                return _literal("\\")
            self.at += 1
            return _literal(escaped)
        return _literal("\\")

    def _hash(self) -> Node:
        if self.match(LINE_COMMENT) or self.match(BLOCK_COMMENT):
            return _literal("")
        unparsed = self.match(UNPARSED)
        if unparsed is not None:
            return _literal(unparsed[1])
        name = self._directive_name()
        before = self.at
        if name is not None:
            self.match(DIRECTIVE)
            node = self._directive(name)
            if node is not None:
                return node
        self.at = before + 1
        return _literal("#")

    def _directive(self, name: str) -> Node | None:
        """The directive of this name, whose name has been read; None where it is only text."""
        match name:
            case "set":
                return self._set()
            case "if":
                return self._if()
            case "foreach":
                return self._foreach()
            case "macro":
                return self._macro()
            case "define":
                return self._define()
            case "return":
                return self._return()
            case "break" | "stop":
                self.match(REST_OF_LINE)
                return _raise_break if name == "break" else _raise_stop
        return self._call(name) if name in self._macros else None

    def _set(self) -> Node:
        self.space()
        self.expect("(")
        self.space()
        reference = read_reference(self) if self.peek() == "$" else None
        if reference is None:
            raise self.error("a reference")
        self.space()
        self.expect("=")
        value = read_expression(self)
        self._close()
        return lambda state: reference.assign(state, value(state))

    def _if(self) -> Node:
        branches = [(self._condition(), self._body())]
        while self._directive_name() == "elseif":
            self.match(DIRECTIVE)
            branches.append((self._condition(), self._body()))
        otherwise: Node | None = None
        if self._directive_name() == "else":
            self.match(DIRECTIVE)
            otherwise = self._body()
        self._end()

        def run(state: State) -> None:
            for condition, node in branches:
                if truth(condition(state)):
                    node(state)
                    return
            if otherwise is not None:
                otherwise(state)

        return run

    def _condition(self) -> Expression:
        self.space()
        self.expect("(")
        condition = read_expression(self)
        self._close()
        return condition

    def _foreach(self) -> Node:
        self.space()
        self.expect("(")
        self.space()
        self.expect("$")
        self.take("{")
        name = self.match(NAME)
        if name is None:
            raise self.error("a name")
        self.take("}")
        self.space()
        self.expect("in")
        values = read_expression(self)
        self._close()
        body = self._body()
        self._end()
        return _loop(name[0], values, body)

    def _macro(self) -> Node:
        self.space()
        self.expect("(")
        self.space()
        name = self.match(NAME)
        if name is None:
            raise self.error("a name")
        parameters = []
        while not self.take(")"):
            self.space()
            self.take(",")
            self.space()
            if self.take("$"):
                parameter = self.match(NAME)
                if parameter is None:
                    raise self.error("a name")
                parameters.append(parameter[0])
            elif self.peek() != ")":
                raise self.error(")")
        self._macros.add(name[0])
        self.match(REST_OF_LINE)
        body = self._body()
        self._end()

        def define(state: State) -> None:
            state.macros[name[0]] = (parameters, body)

        return define

    def _call(self, name: str) -> Node | None:
        if not self.take("("):
            return None
        arguments = read_list(self, ")")

        def run(state: State) -> None:
            parameters, body = state.macros.get(name, ([], _nothing))
            given = dict(zip(parameters, [argument(state) for argument in arguments], strict=False))
            outer = {parameter: state.variables.get(parameter) for parameter in given}
            state.variables.update(given)
            state.out.append(state.captured(body))
            state.variables.update(outer)

        return run

    def _define(self) -> Node:
        self.space()
        self.expect("(")
        self.space()
        self.expect("$")
        name = self.match(NAME)
        if name is None:
            raise self.error("a name")
        self._close()
        body = self._body()
        self._end()

        def define(state: State) -> None:
            state.variables[name[0]] = state.captured(body)

        return define

    def _return(self) -> Node:
        """AppSync's #return($value)."""
        value: Expression = _null
        if self.take("("):
            self.space()
            value = _null if self.peek() == ")" else read_expression(self)
            self._close()

        def run(state: State) -> None:
            raise Stop(value(state))

        return run

    def _body(self) -> Node:
        self.match(REST_OF_LINE)
        return self.block(BLOCK_ENDS)

    def _end(self) -> None:
        if self._directive_name() != "end":
            raise self.error("#end")
        self.match(DIRECTIVE)
        self.match(REST_OF_LINE)

    def _close(self) -> None:
        """The parenthesis after a directive, and the rest of its line if that is empty."""
        self.space()
        self.expect(")")
        self.match(REST_OF_LINE)


def _loop(name: str, values: Expression, body: Node) -> Node:
    def run(state: State) -> None:
        items = _items(values(state))
        outer = {key: state.variables.get(key) for key in (name, "foreach", "velocityCount", "velocityHasNext")}
        for index, item in enumerate(items):
            state.count_round()
            more = index + 1 < len(items)
            loop = {"index": index, "count": index + 1, "hasNext": more, "first": index == 0, "last": not more}
            state.variables |= {
                name: item,
                "foreach": {**loop, "parent": outer["foreach"]},
                "velocityCount": index + 1,
                "velocityHasNext": more,
            }
            try:
                body(state)
            except Break:
                break
        state.variables |= outer

    return run


def _items(values: Any) -> list[Any]:
    """What a loop goes over: a list, or the values of a map. Anything else has nothing."""
    match values:
        case list():
            return list(values)
        case dict():
            return list(values.values())
        case Host():
            return list(values.properties.values())
    return []


def _sequence(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]

    def run(state: State) -> None:
        for node in nodes:
            node(state)

    return run


def _literal(literal: str) -> Node:
    return lambda state: state.out.append(literal)


def _nothing(_state: State) -> None:
    """Writes nothing."""


def _null(_state: State) -> Any:
    return None


def _raise_break(_state: State) -> None:
    raise Break


def _raise_stop(_state: State) -> None:
    raise Stop


__all__ = ["Reader", "Reference", "Template"]
