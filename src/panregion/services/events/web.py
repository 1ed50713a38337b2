"""Over HTTP: events to API destinations and to APIs, and for tokens to where connections are authorized.

    events.authorize   {connection, id}    have an OAuth connection's first token fetched

Where a URL leads is for services/web.py to find.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from panregion.services import Here, web
from panregion.services.events import destinations
from panregion.services.events.destinations import CONNECTIONS, DESTINATIONS, TOKENS, Connection, Destination, Token
from panregion.services.events.errors import NotDelivered, ResourceNotFoundException
from panregion.services.events.messages import Message, for_destination, for_target, for_token
from panregion.world import ClientError, Response

Json = dict[str, Any]

TIMEOUT_S = 5.0
RETRIED = frozenset({401, 407, 409, 429})
RENEWED = frozenset({401, 407})
RENEWED_BEFORE_S = 30.0
API_TIMEOUT_S = 30.0
BURST_S = 1.0
AT_ONCE_MAX = 16
"""Requests under way to one target: one that does not answer must not hold up all other work of its region."""
CROWDED_S = 1.0
ANSWER_SHOWN = 200


async def send(here: Here, message: Message, timeout_s: float | None = None) -> Response:
    """Raises NotDelivered where no answer came."""
    limit_s = timeout_s or TIMEOUT_S
    try:
        return await web.ask(
            here, message.method, message.whole_url, message.header_list, message.body, timeout_s=limit_s
        )
    except ClientError as error:
        raise NotDelivered(f"no answer: {error}") from error


def checked(response: Response, whose: str) -> None:
    """Raises NotDelivered for anything but success; it says whether it may be tried again, and when."""
    if 200 <= response.status < 300:
        return
    body = response.body if isinstance(response.body, bytes) else b""
    text = body[:ANSWER_SHOWN].decode("utf-8", "replace")
    again = response.status in RETRIED or response.status >= 500
    raise NotDelivered(
        f"{whose} answered {response.status}: {text}",
        again=again,
        retry_after_s=_retry_after_s(response) if again else None,
    )


def _retry_after_s(response: Response) -> float | None:
    for name, value in response.headers:
        if name.lower() == "retry-after" and value.isascii() and value.isdigit():
            return float(value)
    return None


async def to_destination(here: Here, arn: str, settings: Json, text: str, event: Json | None) -> None:
    """Give an API destination its input. Raises NotDelivered, ResourceNotFoundException."""
    found = here.read(lambda here: _find(here, arn))
    if found is None:
        raise ResourceNotFoundException(f"API destination {arn} or its connection does not exist.")
    destination, connection = found
    if not destinations.has_secrets(connection.kind, connection.auth):
        raise NotDelivered(f"Connection {connection.name} is {connection.state}.")
    message = for_destination(destination, connection, settings.get("HttpParameters") or {}, text, event)
    with _under_way(here, arn):
        if connection.kind == "OAUTH_CLIENT_CREDENTIALS":
            message.set_header("Authorization", (await token(here, connection)).header)
        response = await send(here, message)
    if response.status in RENEWED and connection.kind == "OAUTH_CLIENT_CREDENTIALS":
        await here.transact(lambda here: destinations.put_token(here.tx, connection, None))
    checked(response, destination.name)


def _find(here: Here, arn: str) -> tuple[Destination, Connection] | None:
    destination = destinations.at(here, DESTINATIONS, arn)
    if destination is None:
        return None
    connection = destinations.at(here, CONNECTIONS, destination.connection_arn)
    return None if connection is None else (destination, connection)


def _counts(here: Here) -> Counter[str]:
    """How many requests each target has to answer yet."""
    counts: Counter[str] = here.running.setdefault("events-under-way", Counter())
    return counts


@contextmanager
def _under_way(here: Here, arn: str) -> Iterator[None]:
    counts = _counts(here)
    counts[arn] += 1
    try:
        yield
    finally:
        counts[arn] -= 1


def crowded_s(here: Here, arn: str) -> float:
    """How long to wait for a target's other answers first; 0 where there are few enough."""
    if _counts(here)[arn] < AT_ONCE_MAX:
        return 0.0
    return CROWDED_S * (0.5 + here.world.chance.random())


def reserve(here: Here, arn: str) -> float:
    """Take a request of what a destination's rate allows; how long until it may be sent, in seconds. A second's worth
    may be sent at once."""
    found = here.read(lambda here: destinations.at(here, DESTINATIONS, arn))
    if found is None:
        return 0.0
    taken: dict[str, float] = here.running.setdefault("events-rates", {})
    now = here.world.clock.monotonic()
    slot = max(taken.get(found.id, 0.0), now - BURST_S + 1 / found.rate)
    taken[found.id] = slot + 1 / found.rate
    return max(0.0, slot - now)


# APIs


async def to_api(here: Here, arn: str, settings: Json, text: str, event: Json | None) -> None:
    """Give a REST API its input. Its ARN ends in API/stage/METHOD/path."""
    _, _, _, region, _, resource = arn.split(":", 5)
    api, stage, method, path = (*resource.split("/", 3), "")[:4]
    url = f"https://{api}.execute-api.{region}.amazonaws.com/{stage}/{path}"
    message = for_target(method, url, settings.get("HttpParameters") or {}, text, event)
    message.headers["User-Agent"] = "AmazonEventBridge"
    with _under_way(here, arn):
        checked(await send(here, message, timeout_s=API_TIMEOUT_S), api)


# Tokens


async def token(here: Here, connection: Connection) -> Token:
    """The token that there is, or a new one where it is about to end. Raises NotDelivered."""
    known = here.read(lambda here: TOKENS.find(here.tx, connection.id))
    if known is not None and (known.expires_s is None or known.expires_s > here.now() + RENEWED_BEFORE_S):
        return known
    return await _fetch(here, connection)


async def _fetch(here: Here, connection: Connection) -> Token:
    message = for_token(connection)
    try:
        response = await send(here, message)
        checked(response, message.url)
        fetched = _token_in(here, response)
    except NotDelivered as error:
        reason = f"Failed to authorize the connection: {error.message}"[:512]
        await here.transact(lambda here: _turned(here, connection, "DEAUTHORIZED", reason, None))
        raise NotDelivered(reason) from error
    await here.transact(lambda here: _turned(here, connection, "AUTHORIZED", None, fetched))
    return fetched


def _token_in(here: Here, response: Response) -> Token:
    assert isinstance(response.body, bytes)
    try:
        said = msgspec.json.decode(response.body)
        kind, value = said.get("token_type") or "Bearer", said["access_token"]
    except (msgspec.DecodeError, AttributeError, KeyError) as error:
        raise NotDelivered("the answer of the authorization endpoint has no access_token") from error
    lasts_s = said.get("expires_in")
    expires_s = here.now() + float(lasts_s) if isinstance(lasts_s, int | float) else None
    return Token(f"{'Bearer' if kind.lower() == 'bearer' else kind} {value}", expires_s)


def _turned(here: Here, connection: Connection, state: str, reason: str | None, fetched: Token | None) -> None:
    now = CONNECTIONS.find(here.tx, connection.name)
    if now is None or now.id != connection.id or now.modified_s != connection.modified_s:
        return  # it was changed meanwhile, and is authorized anew
    authorized_s = here.now() if state == "AUTHORIZED" else now.authorized_s
    changed = msgspec.structs.replace(now, state=state, reason=reason, authorized_s=authorized_s)
    CONNECTIONS.put(here.tx, changed, changed.name)
    destinations.put_token(here.tx, connection, fetched)


async def authorize(here: Here, payload: Json) -> None:
    """Work: the first token. Where it is refused the connection says so; the next event asks again."""
    found = here.read(lambda here: CONNECTIONS.find(here.tx, payload["connection"]))
    if found is None or found.id != payload["id"] or found.state != "AUTHORIZING":
        return
    try:
        await _fetch(here, found)
    except NotDelivered:
        return  # its state tells why
