"""INSERT, UPDATE, DELETE and EXISTS: each is one item's write (or condition), prepared and then carried out."""

from dataclasses import dataclass, field
from typing import Any

from panregion.languages.dynamodb import Item, Predicate, equals, measure_item, project_paths
from panregion.languages.dynamodb import Update as UpdateActions
from panregion.languages.dynamodb.conditions import Comparison, Condition, PathOperand, ValueOperand
from panregion.languages.dynamodb.errors import ValueRejected
from panregion.languages.dynamodb.values import TOO_NESTED
from panregion.languages.partiql import Delete, Exists, Insert, Update, conjuncts, joined, names_of
from panregion.services.dynamodb import contention, layout, records, writing
from panregion.services.dynamodb.capacity import Consumption
from panregion.services.dynamodb.checks import check_item, check_item_size, check_key, find_table
from panregion.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    DuplicateItemException,
    ValidationException,
)
from panregion.services.dynamodb.items import check_update, updated
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.parameters import Expressions
from panregion.services.dynamodb.partiql_reads import NESTED_KEY, Bound, predicate_of
from panregion.services.dynamodb.writing import Before
from panregion.services.here import Here
from panregion.store import Key

Output = dict[str, Any]

NO_KEY = "Where clause does not contain a mandatory equality on all key attributes"
NO_ITEM_READ = "EXISTS() must contain a single item read with additional condition"
FAILED = "The conditional request failed"
DUPLICATE = "Duplicate primary key exists in table"
SHORT_TOO_NESTED = "Nesting Levels have exceeded supported limits"


@dataclass(slots=True)
class Write:
    """What a statement does to one item."""

    bound: Bound
    view: TableView
    key: Item
    condition: Predicate | None
    update: UpdateActions | None
    size: int = 0
    place: Key = ()
    before: Before = field(default_factory=lambda: Before(None))
    item: Item | None = None

    @property
    def is_check(self) -> bool:
        return isinstance(self.bound.statement, Exists)


def understood(here: Here, bound: Bound) -> Write:
    """The write that a statement asks for, as far as it needs no item."""
    statement = bound.statement
    view = find_table(here, statement.table)
    if isinstance(statement, Insert):
        return _insertion(bound, view, statement)
    assert isinstance(statement, Update | Delete | Exists)
    if isinstance(statement, Exists) and statement.index is not None:
        raise ValidationException("Operations on indices are not supported in transactions")
    key, rest = _key_of(bound, statement.where, view)
    if isinstance(statement, Exists) and not rest:
        raise ValidationException(NO_ITEM_READ)
    remaining = joined(rest)
    condition = None if remaining is None else predicate_of(remaining)
    update = None
    if isinstance(statement, Update):
        update = UpdateActions(statement.actions, names_of(*statement.actions))
        update.check(bound.values)
    if condition is not None:
        condition.check(bound.values)
        for path in condition.paths:
            if len(path) > 1 and path[0] in view.key.names:
                raise ValidationException(NESTED_KEY + str(path[0]))
    check_update(view, update)
    return Write(bound, view, key, condition, update)


def _insertion(bound: Bound, view: TableView, statement: Insert) -> Write:
    item = {name: bound.values[value] for name, value in statement.item}
    size = measure_item(item)
    check_item_size(size)
    return Write(bound, view, item, None, None, size)


def _key_of(bound: Bound, where: Condition | None, view: TableView) -> tuple[Item, tuple[Condition, ...]]:
    """The item that a clause names by = on every key attribute, and its other conditions."""
    key: Item = {}
    rest: list[Condition] = []
    check = isinstance(bound.statement, Exists)
    for part in conjuncts(where):
        found = _equality(part, view)
        if found is None:
            rest.append(part)
            continue
        name, value = found[0], bound.values[found[1]]
        if name not in key:
            key[name] = value
        elif check:
            rest.append(part)
        elif not equals(key[name], value):
            raise ValidationException(
                f"Multiple conditions on same key {name}. Only single item Update/Insert/Delete are supported"
            )
    if len(key) != len(view.key.names):
        raise ValidationException(NO_ITEM_READ if check else NO_KEY)
    return {name: key[name] for name in view.key.names}, tuple(rest)


def _equality(part: Condition, view: TableView) -> tuple[str, str] | None:
    """The key attribute and the name of its value, if the part is an = of these."""
    if not isinstance(part, Comparison) or part.operator != "=":
        return None
    left, right = part.operands
    if isinstance(left, ValueOperand):
        left, right = right, left
    if not isinstance(left, PathOperand) or not isinstance(right, ValueOperand):
        return None
    if len(left.path) != 1 or left.path[0] not in view.key.names:
        return None
    return str(left.path[0]), right.name


def prepare(here: Here, write: Write, on_failure: str | None = None) -> None:
    """Read the item, evaluate the condition, compute what is to be written."""
    statement, view = write.bound.statement, write.view
    if isinstance(statement, Insert):
        check_item(view, write.key)
    else:
        check_key(view, write.key)
    write.place = layout.item_key(view, write.key)
    contention.refuse_held(here, write.place)
    write.before = writing.read(here.tx, write.place)
    if isinstance(statement, Insert):
        if write.before.record is not None:
            raise DuplicateItemException(DUPLICATE, **_old(write, on_failure))
        write.item = write.key
        return
    _require(write, on_failure)
    if isinstance(statement, Update):
        _update(write)
    elif isinstance(statement, Exists):
        write.item, write.size = write.before.item, write.before.size


def _require(write: Write, on_failure: str | None) -> None:
    """An UPDATE needs its item; a DELETE of nothing does nothing, whatever else it asks."""
    missing = write.before.record is None
    if missing and isinstance(write.bound.statement, Delete):
        return
    failed = missing and isinstance(write.bound.statement, Update)
    if not failed and write.condition is not None:
        failed = not write.condition.evaluate(write.before.item or {}, write.bound.values)
    if failed:
        raise ConditionalCheckFailedException(FAILED, **_old(write, on_failure))


def _old(write: Write, on_failure: str | None) -> Output:
    item = write.before.item
    return {"Item": item} if on_failure == "ALL_OLD" and item is not None else {}


def _update(write: Write) -> None:
    given = Expressions(None, None)
    given.values = write.bound.values
    try:
        write.item, write.size = updated(write.view, write.key, write.before, write.update, given)
    except ValueRejected as error:
        if str(error) == TOO_NESTED:
            raise ValidationException(SHORT_TOO_NESTED) from error
        raise


def carry_out(here: Here, write: Write) -> None:
    if write.is_check:
        return
    if write.item is None:
        writing.delete(here, write.view, write.place, write.before)
    else:
        writing.put(here, write.view, write.place, write.item, write.size, write.before)


def consumption(write: Write) -> Consumption:
    return writing.consumption(write.view, write.place, write.before, write.item, write.size)


def returned(write: Write) -> list[Any]:
    """What RETURNING asks for, as the answer's Items."""
    statement = write.bound.statement
    wanted = statement.returning if isinstance(statement, Update | Delete) else None
    old, new = write.before.item, write.item
    found: Any = None
    if wanted == "ALL_OLD" and write.before.record is not None:
        return [records.raw_of(write.before.record)]
    if wanted == "ALL_NEW":
        found = new
    elif wanted is not None and write.update is not None:
        source = old if wanted == "UPDATED_OLD" else new
        found = project_paths(write.update.paths, source) if source is not None else None
    return [found] if found else []
