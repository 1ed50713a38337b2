"""API destinations: web servers that rules may have as targets."""

from typing import Any
from urllib.parse import urlsplit

import msgspec

from panregion.services import Here, reads
from panregion.services.events import destinations
from panregion.services.events.destinations import CONNECTIONS, DESTINATIONS, RATE_DEFAULT, Destination
from panregion.services.events.errors import (
    ResourceAlreadyExistsException,
    ValidationException,
    no_connection,
)
from panregion.services.events.names import page

Json = dict[str, Any]


def create_api_destination(
    here: Here,
    name: str,
    connection_arn: str,
    invocation_endpoint: str,
    http_method: str,
    description: str | None = None,
    invocation_rate_limit_per_second: int = RATE_DEFAULT,
) -> Json:
    """Unlike AWS's, an endpoint may also be http://, as the world's own servers mostly are."""
    if DESTINATIONS.find(here.tx, name) is not None:
        raise ResourceAlreadyExistsException(f"An api-destination '{name}' already exists.")
    _check_connection(here, connection_arn)
    _check_url(invocation_endpoint)
    now = here.now()
    destination = Destination(
        name=name,
        id=here.world.chance.uuid(),
        connection_arn=connection_arn,
        url=invocation_endpoint,
        method=http_method,
        created_s=now,
        modified_s=now,
        rate=invocation_rate_limit_per_second,
        description=description,
    )
    DESTINATIONS.put(here.tx, destination, destination.name)
    return _answer(here, destination)


def _check_connection(here: Here, arn: str) -> None:
    if destinations.at(here, CONNECTIONS, arn) is None:
        raise no_connection(destinations.name_in(arn))


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationException("Parameter InvocationEndpoint is not valid. Reason: It must be an HTTPS URL.")
    if "*" in parts.netloc:
        raise ValidationException("Parameter InvocationEndpoint is not valid. Reason: Wildcards belong in the path.")


def _answer(here: Here, destination: Destination) -> Json:
    return {
        "ApiDestinationArn": here.arn("events", destination.resource),
        "ApiDestinationState": _state(here, destination),
        "CreationTime": destination.created_s,
        "LastModifiedTime": destination.modified_s,
    }


def _state(here: Here, destination: Destination) -> str:
    connection = destinations.at(here, CONNECTIONS, destination.connection_arn)
    return "INACTIVE" if connection is None or connection.state == "DEAUTHORIZED" else "ACTIVE"


def update_api_destination(
    here: Here,
    name: str,
    description: str | None = None,
    connection_arn: str | None = None,
    invocation_endpoint: str | None = None,
    http_method: str | None = None,
    invocation_rate_limit_per_second: int | None = None,
) -> Json:
    """What is not given stays as it is."""
    destination = DESTINATIONS.require(here.tx, name)
    if connection_arn is not None:
        _check_connection(here, connection_arn)
    if invocation_endpoint is not None:
        _check_url(invocation_endpoint)
    given = {
        "description": description,
        "connection_arn": connection_arn,
        "url": invocation_endpoint,
        "method": http_method,
        "rate": invocation_rate_limit_per_second,
    }
    changes: Json = {key: value for key, value in given.items() if value is not None}
    changed = msgspec.structs.replace(destination, modified_s=here.now(), **changes)
    DESTINATIONS.put(here.tx, changed, changed.name)
    return _answer(here, changed)


def delete_api_destination(here: Here, name: str) -> None:
    DESTINATIONS.require(here.tx, name)
    DESTINATIONS.delete(here.tx, name)


@reads
def describe_api_destination(here: Here, name: str) -> Json:
    destination = DESTINATIONS.require(here.tx, name)
    shown = _listed(here, destination)
    return shown if destination.description is None else {**shown, "Description": destination.description}


def _listed(here: Here, destination: Destination) -> Json:
    return {
        **_answer(here, destination),
        "Name": destination.name,
        "ConnectionArn": destination.connection_arn,
        "InvocationEndpoint": destination.url,
        "HttpMethod": destination.method,
        "InvocationRateLimitPerSecond": destination.rate,
    }


@reads
def list_api_destinations(
    here: Here,
    name_prefix: str | None = None,
    connection_arn: str | None = None,
    next_token: str | None = None,
    limit: int | None = None,
) -> Json:
    found = [
        one
        for one in DESTINATIONS.all(here.tx)
        if one.name.startswith(name_prefix or "") and connection_arn in (None, one.connection_arn)
    ]
    shown = [_listed(here, one) for one in found]
    return page(shown, [one.name for one in found], "ApiDestinations", next_token, limit)
