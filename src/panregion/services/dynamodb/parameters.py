"""A request's expressions, taken together: they share their names and values, and all of those must be used.

The order is AWS's: which parameters may come together; the keys of the names and of the values; the values;
the expressions one after another; what was not used.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from panregion.languages.dynamodb import (
    ExpressionError,
    Item,
    KeyCondition,
    Predicate,
    Projection,
    Update,
    Value,
    ValueRejected,
    check_operator,
    compile_condition,
    compile_expected,
    compile_projection,
    compile_update,
    key_conditions,
    measure_value,
    refuse_long_names,
)
from panregion.languages.dynamodb.values import LONG_NAME
from panregion.services.dynamodb.errors import ValidationException

T = TypeVar("T")

DEPTH_OPEN = -250
"""Where to begin to count the levels of a value so that hundreds of them are allowed."""

_PLACEHOLDER = re.compile(r"[0-9a-zA-Z_]+", re.ASCII)


class Expressions:
    """The names and values of one request, and the expressions that were compiled with them."""

    __slots__ = ("_compiled", "_given_names", "_names", "values")

    def __init__(self, names: dict[str, str] | None, values: dict[str, Value] | None) -> None:
        self._given_names = names
        self._names = tuple(names.items()) if names else ()
        self.values: dict[str, Value] = values or {}
        self._compiled: list[Predicate | Projection | Update] = []
        if names is not None:
            _check_placeholders("ExpressionAttributeNames", "#", names)
            refuse_long_names(names.values())
        if values is not None:
            _check_placeholders("ExpressionAttributeValues", ":", values)
            _check_values(values)

    def condition(self, parameter: str, text: str) -> Predicate:
        """A ConditionExpression or FilterExpression."""
        predicate = self._compile(parameter, lambda: compile_condition(text, self._names))
        self._check(parameter, predicate)
        return predicate

    def update(self, text: str) -> Update:
        update = self._compile("UpdateExpression", lambda: compile_update(text, self._names))
        self._check("UpdateExpression", update)
        return update

    def projection(self, text: str) -> Projection:
        return self._compile("ProjectionExpression", lambda: compile_projection(text, self._names))

    def key_condition(self, text: str) -> tuple[Predicate, dict[str, KeyCondition]]:
        """A KeyConditionExpression, and its conditions by attribute."""
        predicate = self.condition("KeyConditionExpression", text)
        try:
            return predicate, key_conditions(predicate, dict(self._names), self.values)
        except ExpressionError as error:
            raise ValidationException(str(error)) from error

    def finish(self) -> None:
        """Refuse names and values that no expression uses."""
        names_used = frozenset().union(*[part.names_used for part in self._compiled])
        _refuse_unused("ExpressionAttributeNames", self._given_names or {}, names_used)
        values_used: frozenset[str] = frozenset().union(
            *[part.values_used for part in self._compiled if not isinstance(part, Projection)]
        )
        _refuse_unused("ExpressionAttributeValues", self.values, values_used)

    def _compile(self, parameter: str, compile_text: Callable[[], T]) -> T:
        try:
            compiled = compile_text()
        except ExpressionError as error:
            raise ValidationException(f"Invalid {parameter}: {error}") from error
        self._compiled.append(compiled)  # type: ignore[arg-type]
        return compiled

    def _check(self, parameter: str, compiled: Predicate | Update) -> None:
        try:
            compiled.check(self.values)
        except ExpressionError as error:
            raise ValidationException(f"Invalid {parameter}: {error}") from error


def _check_placeholders(parameter: str, sign: str, given: Mapping[str, object]) -> None:
    if not given:
        raise ValidationException(f"{parameter} must not be empty")
    for key in given:
        if key[:1] != sign or not _PLACEHOLDER.fullmatch(key, 1):
            raise ValidationException(f'{parameter} contains invalid key: Syntax error; key: "{key}"')


def _check_values(values: dict[str, Value]) -> None:
    """How deep a value is matters only where it is stored: a condition may compare with any."""
    for key, value in values.items():
        try:
            measure_value(value, depth=DEPTH_OPEN)
        except ValueRejected as error:
            if str(error) == LONG_NAME:
                raise
            raise ValidationException(
                f"ExpressionAttributeValues contains invalid value: {error} for key {key}"
            ) from error


def _refuse_unused(parameter: str, given: Mapping[str, object], used: frozenset[str]) -> None:
    if given.keys() <= used:
        return
    keys = ", ".join(key for key in given if key not in used)
    raise ValidationException(f"Value provided in {parameter} unused in expressions: keys: {{{keys}}}")


def some_given(*parameters: object) -> bool:
    """Whether the request has any of them; most have none, and need not look further."""
    return parameters.count(None) != len(parameters)


def expressions(
    texts: Mapping[str, str | None],
    legacy: Mapping[str, Any],
    names: dict[str, str] | None,
    values: dict[str, Value] | None,
) -> Expressions | None:
    """The request's expressions, not yet compiled; None if it has none. `texts` and `legacy` by AWS's names."""
    given = [name for name, text in texts.items() if text is not None]
    if legacy:
        _check_legacy(legacy, given)
    if not given and names is None and values is None:
        return None
    if names is not None and not given:
        raise ValidationException("ExpressionAttributeNames can only be specified when using expressions")
    takers = [name for name in texts if name != "ProjectionExpression"]
    if values is not None and takers and all(texts[name] is None for name in takers):
        verb = "are" if len(takers) > 1 else "is"
        raise ValidationException(
            "ExpressionAttributeValues can only be specified when using expressions: "
            f"{' and '.join(takers)} {verb} null"
        )
    return Expressions(names, values)


def _check_legacy(legacy: Mapping[str, Any], given: list[str]) -> None:
    """What can be said of the parameters that expressions replaced before anything is compiled."""
    if given:
        refuse_mixture(legacy, given)
    conditions = legacy.get("Expected") or legacy.get("QueryFilter") or legacy.get("ScanFilter")
    check_operator(legacy.get("ConditionalOperator"), conditions)


def legacy_condition(expected: dict[str, Any], operator: str | None) -> tuple[Expressions | None, Predicate | None]:
    """Expected as a condition, with its values."""
    clause = compile_expected(expected, operator)
    if clause is None:
        return None, None
    given = Expressions(None, None)
    given.values = clause.values
    return given, clause.predicate


def refuse_mixture(legacy: Mapping[str, Any], given: list[str]) -> None:
    old = [name for name, value in legacy.items() if value is not None]
    if old:
        raise ValidationException(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(old)}}} Expression parameters: {{{', '.join(given)}}}"
        )


def refuse_nested_keys(paths: list[tuple[str | int, ...]], names: tuple[str, ...], noun: str) -> None:
    """Key attributes are scalars: a path cannot go on from one."""
    for path in paths:
        if len(path) > 1 and path[0] in names:
            raise ValidationException(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
                f"{noun}: {path[0]}"
            )


__all__ = [
    "Expressions",
    "Item",
    "expressions",
    "legacy_condition",
    "refuse_mixture",
    "refuse_nested_keys",
    "some_given",
]
