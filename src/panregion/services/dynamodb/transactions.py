"""TransactGetItems and TransactWriteItems: all or nothing, with a reason for each action of what failed.

A cancellation comes from conditions, from items that an action does not fit, and from what else is under way on an item
(contention.py). Client tokens make a repeated request the same request for ten minutes.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from struct import pack, unpack_from
from typing import Any

import msgspec

from panregion.languages.dynamodb import (
    DynamoDbLanguageError,
    Item,
    Predicate,
    Update,
    ValueMalformed,
    measure_item,
)
from panregion.services.dynamodb import contention, layout, metering, records, writing
from panregion.services.dynamodb.capacity import Consumption, read_units, wanted
from panregion.services.dynamodb.checks import check_item, check_item_size, check_key, find_table
from panregion.services.dynamodb.errors import (
    ConditionalCheckFailedException,
    IdempotentParameterMismatchException,
    KeyValueRejected,
    ProvisionedThroughputExceededException,
    TransactionCanceledException,
    TransactionConflictException,
    ValidationException,
)
from panregion.services.dynamodb.items import check_update, collection_metrics, require, updated
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.operation import operation
from panregion.services.dynamodb.parameters import Expressions, expressions, refuse_nested_keys
from panregion.services.dynamodb.writing import Before
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key

Output = dict[str, Any]
Parameters = dict[str, Any]

ACTIONS = ("ConditionCheck", "Put", "Delete", "Update")
MAX_BYTES = 4 * 1024 * 1024
TOKEN_LIFE_S = 600.0
TOKENS_AT_ONCE = 500
TWICE = "Transaction request cannot include multiple operations on one item"


@reads
@operation
def transact_get_items(
    here: Here, transact_items: list[Parameters], return_consumed_capacity: str | None = None
) -> Output:
    gets = [entry["Get"] for entry in transact_items]
    projections = []
    for get in gets:
        text = get.get("ProjectionExpression")
        given = _expressions_of(get, {"ProjectionExpression": text})
        projection = given.projection(text) if given is not None and text is not None else None
        if given is not None:
            given.finish()
        measure_item(get["Key"])
        projections.append(projection)
    keys = [_key_of(here, get["TableName"], get["Key"]) for get in gets]
    if len({key for _, key in keys}) != len(keys):
        raise ValidationException(TWICE)
    cancel([_reading(here, key) for _, key in keys])
    responses: list[Output] = []
    used: dict[str, tuple[TableView, Consumption]] = {}
    total = 0
    for (view, key), projection in zip(keys, projections, strict=True):
        if projection is not None:
            refuse_nested_keys(projection.paths, view.key.names, "Key")
        record = here.tx.get(key)
        size = 0 if record is None else records.size_of(record)
        total += size
        units = 2 * read_units(size, True)
        metering.spend(here, view, "Read", Consumption(units))
        used.setdefault(view.table.name, (view, Consumption()))[1].table += units
        if record is None:
            responses.append({})
        elif projection is None:
            responses.append({"Item": records.raw_of(record)})
        else:
            responses.append({"Item": projection.project(records.item_of(record))})
    _check_total(total)
    return _with_capacity({"Responses": responses}, used, return_consumed_capacity, "Read")


def _check_total(size: int) -> None:
    if size > MAX_BYTES:
        raise ValidationException("Aggregate size of items in the transaction has exceeded the limit of 4MB")


def _key_of(here: Here, table_name: str, key: Item) -> tuple[TableView, Key]:
    view = find_table(here, table_name)
    check_key(view, key)
    return view, layout.item_key(view, key)


def _with_capacity(
    output: Output, used: dict[str, tuple[TableView, Consumption]], asked: str | None, kind: str
) -> Output:
    if wanted(asked):
        output["ConsumedCapacity"] = [consumption.report(view, str(asked), kind) for view, consumption in used.values()]
    return output


@dataclass(slots=True)
class Action:
    """One action of a write transaction, checked as far as it can be without its item."""

    kind: str
    view: TableView
    params: Parameters
    given: Expressions | None
    condition: Predicate | None
    update: Update | None
    size: int
    key: Key = ()
    before: Before = field(default_factory=lambda: Before(None))
    item: Item | None = None

    @property
    def named(self) -> Item:
        """The parameter that says which item: the item itself, or a key."""
        item: Item = self.params["Item" if self.kind == "Put" else "Key"]
        return item


@operation
def transact_write_items(
    here: Here,
    transact_items: list[Parameters],
    client_request_token: str | None = None,
    return_consumed_capacity: str | None = None,
    return_item_collection_metrics: str | None = None,
) -> Output:
    print_ = print_of(transact_items) if client_request_token else b""
    chosen = [_chosen(entry) for entry in transact_items]
    parsed = [_parse(kind, params) for kind, params in chosen]
    names = dict.fromkeys(params["TableName"] for _, params in chosen)
    views = {name: find_table(here, name) for name in names}
    actions = [
        Action(kind, views[params["TableName"]], params, *rest)
        for (kind, params), rest in zip(chosen, parsed, strict=True)
    ]
    if client_request_token is not None and seen(here, client_request_token, print_):
        return _repeated(here, actions, return_consumed_capacity)
    metered = here.settings.dynamodb.enforce_throughput
    _prepare(here, actions, blind=not wanted(return_consumed_capacity) and not metered)
    _check_total(sum(action.size for action in actions))
    for place, action in enumerate(actions):
        try:
            _carry_out(here, action)
        except ProvisionedThroughputExceededException as error:
            reasons = [{"Code": "None"} for _ in actions]
            reasons[place] = {"Code": "ProvisionedThroughputExceeded", "Message": error.message}
            raise _cancelled(reasons) from error
    here.tx.hold(*(action.key for action in actions))
    used: dict[str, tuple[TableView, Consumption]] = {}
    if wanted(return_consumed_capacity):
        for action in actions:
            spent = writing.consumption(action.view, action.key, action.before, action.item, action.size)
            used.setdefault(action.view.table.name, (action.view, Consumption()))[1].add(spent, 2)
    output = _with_capacity({}, used, return_consumed_capacity, "Write")
    if return_item_collection_metrics == "SIZE":
        output |= _metrics(actions)
    return output


def _chosen(entry: Parameters) -> tuple[str, Parameters]:
    given = [(kind, entry[kind]) for kind in ACTIONS if entry.get(kind) is not None]
    if len(given) != 1:
        raise ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    return given[0]


def _parse(kind: str, params: Parameters) -> tuple[Expressions | None, Predicate | None, Update | None, int]:
    """(expressions, condition, update, size of the item to put): what needs no table."""
    if kind == "Put" and len(params) == 2:  # no expression, nothing but the table and the item
        size = measure_item(params["Item"])
        check_item_size(size)
        return None, None, None, size
    texts = {"ConditionExpression": params.get("ConditionExpression")}
    if kind == "Update":
        texts = {"UpdateExpression": params["UpdateExpression"], **texts}
    given = _expressions_of(params, texts)
    size = measure_item(params["Item" if kind == "Put" else "Key"])
    if kind == "Put":
        check_item_size(size)
    if given is None:
        return None, None, None, size
    update = given.update(params["UpdateExpression"]) if kind == "Update" else None
    text = texts["ConditionExpression"]
    condition = given.condition("ConditionExpression", text) if text is not None else None
    given.finish()
    return given, condition, update, size


def _expressions_of(params: Parameters, texts: dict[str, str | None]) -> Expressions | None:
    """The expressions of one action. Names and values of one that has none are not looked at, unlike elsewhere."""
    if all(text is None for text in texts.values()):
        return None
    return expressions(texts, {}, params.get("ExpressionAttributeNames"), params.get("ExpressionAttributeValues"))


def print_of(request: list[Parameters]) -> bytes:
    """What tells one transaction from another, in whatever order its members were written."""
    return sha256(msgspec.json.encode(request, order="deterministic")).digest()


def seen(here: Here, token: str, print_: bytes) -> bool:
    """Whether this very request was carried out under this token before; keeps it otherwise."""
    now = here.now()
    known = here.tx.get((layout.TOKENS, token))
    if known is None or _token_end(known) <= now:
        here.tx.hold((layout.TOKENS, token))
        end = now + TOKEN_LIFE_S
        here.tx.put((layout.TOKENS, token), pack(">d", end) + print_)
        here.tx.put((layout.TOKEN_ENDS, end, token), b"")
        return False
    if known[8:] != print_:
        raise IdempotentParameterMismatchException(
            "DynamoDB rejected the request because you retried a request with a different payload "
            "but with an idempotent token that was already used."
        )
    contention.refuse_repeated(here, (layout.TOKENS, token))
    return True


def _token_end(known: bytes) -> float:
    end: float = unpack_from(">d", known)[0]
    return end


def tokens_over(here: Here) -> list[Key]:
    """Some of the tokens whose time is over."""
    over = here.tx.range((layout.TOKEN_ENDS, 0.0), (layout.TOKEN_ENDS, here.now()))
    return [key for key, _ in islice(over, TOKENS_AT_ONCE)]


def forget_tokens(here: Here) -> None:
    """Drop tokens that are over, unless they were used again since."""
    for key in tokens_over(here):
        known = here.tx.get((layout.TOKENS, key[2]))
        if known is not None and _token_end(known) <= float(key[1]):
            here.tx.delete((layout.TOKENS, key[2]))
        here.tx.delete(key)


def _repeated(here: Here, actions: list[Action], asked: str | None) -> Output:
    """A request that was carried out before: AWS answers with the cost of reading its items."""
    used: dict[str, tuple[TableView, Consumption]] = {}
    for action in actions:
        record = here.tx.get(layout.item_key(action.view, action.named))
        size = 0 if record is None else records.size_of(record)
        used.setdefault(action.view.table.name, (action.view, Consumption()))[1].table += 2 * read_units(size, True)
    return _with_capacity({}, used, asked, "Read")


def _prepare(here: Here, actions: list[Action], *, blind: bool) -> None:
    """Find every item and see whether its action can be done. Raises TransactionCanceledException.

    `blind`: what was there is of no interest to the answer, so a put that nothing depends on need not read it.
    """
    reasons: list[Output] = []
    seen: set[Key] = set()
    for action in actions:
        reason = _attempt(here, action, blind)
        reasons.append(reason)
        if action.key and action.key in seen:
            raise ValidationException(TWICE)
        seen.add(action.key)
    cancel(reasons)


def cancel(reasons: list[Output]) -> None:
    """Raises TransactionCanceledException if there is a reason to."""
    if any(reason["Code"] != "None" for reason in reasons):
        raise _cancelled(reasons)


def _reading(here: Here, key: Key) -> Output:
    """Why an item cannot be read in a transaction; {"Code": "None"} if it can."""
    try:
        contention.refuse_written(here, key)
    except TransactionConflictException as error:
        return {"Code": "TransactionConflict", "Message": error.message}
    return {"Code": "None"}


def _cancelled(reasons: list[Output]) -> TransactionCanceledException:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _attempt(here: Here, action: Action, blind: bool) -> Output:
    """One action's cancellation reason; {"Code": "None"} if there is none."""
    try:
        _settle(here, action, blind)
    except ConditionalCheckFailedException as error:
        return {"Code": "ConditionalCheckFailed", "Message": error.message, **error.fields}
    except TransactionConflictException as error:
        return {"Code": "TransactionConflict", "Message": error.message}
    except KeyValueRejected:
        raise
    except ValidationException as error:
        return {"Code": "ValidationError", "Message": error.message}
    except ValueMalformed:
        raise
    except DynamoDbLanguageError as error:
        return {"Code": "ValidationError", "Message": str(error)}
    return {"Code": "None"}


def _settle(here: Here, action: Action, blind: bool) -> None:
    """Read the item, evaluate the condition, compute what is to be written."""
    view = action.view
    if action.kind == "Put":
        check_item(view, action.named)
    else:
        check_key(view, action.named)
        check_update(view, action.update)
    action.key = layout.item_key(view, action.named)
    contention.refuse_held(here, action.key)
    if blind and action.kind == "Put" and action.condition is None and view.plain:
        action.item = action.named
        return
    action.before = writing.read(here.tx, action.key)
    on_failure = action.params.get("ReturnValuesOnConditionCheckFailure")
    require(action.condition, action.given, view, action.before, on_failure)
    if action.kind == "Put":
        action.item = action.named
    elif action.kind == "Update":
        action.item, action.size = updated(view, action.named, action.before, action.update, action.given)
    elif action.kind == "ConditionCheck":
        action.item, action.size = action.before.item, action.before.size
    else:
        action.size = 0


def _carry_out(here: Here, action: Action) -> None:
    if here.settings.dynamodb.enforce_throughput:  # one half; writing spends the other, and a check alone has none
        spent = writing.consumption(action.view, action.key, action.before, action.item, action.size)
        for _ in range(2 if action.kind == "ConditionCheck" else 1):
            metering.spend(here, action.view, "Write", spent)
    if action.kind == "Delete":
        writing.delete(here, action.view, action.key, action.before)
    elif action.kind != "ConditionCheck" and action.item is not None:
        writing.put(here, action.view, action.key, action.item, action.size, action.before)


def _metrics(actions: list[Action]) -> Output:
    found: dict[str, list[Output]] = {}
    for action in actions:
        metrics = collection_metrics(action.view, action.named)
        if metrics is not None and action.kind != "ConditionCheck":
            found.setdefault(action.view.table.name, []).append(metrics)
    return {"ItemCollectionMetrics": found} if found else {}
