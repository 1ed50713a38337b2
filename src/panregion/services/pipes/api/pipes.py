"""Pipes: made, changed, started and stopped.

A change is recorded with a state that is on its way (CREATING, UPDATING, ...), and work takes it to its end: the next
one, of whoever asks, has to wait for that, as on AWS.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.pipes import layout
from panregion.services.pipes.api.tags import check_count
from panregion.services.pipes.errors import conflict, unsupported
from panregion.services.pipes.model import SOURCES, Pipe, changed, checked, described, service_of, summary

Json = dict[str, Any]

PAGE_MAX = 100


def create_pipe(
    here: Here,
    name: str,
    source: str,
    target: str,
    role_arn: str,
    description: str | None = None,
    desired_state: str = "RUNNING",
    source_parameters: Json | None = None,
    enrichment: str | None = None,
    enrichment_parameters: Json | None = None,
    target_parameters: Json | None = None,
    tags: dict[str, str] | None = None,
    log_configuration: Json | None = None,
    kms_key_identifier: str | None = None,
) -> Json:
    check_logs(log_configuration)
    check_count(tags or {})
    if layout.find(here.tx, name) is not None:
        raise conflict(name, f"Pipe {name} already exists.")
    pipe = checked(
        Pipe(
            name=name,
            id=here.world.chance.uuid(),
            source=source,
            source_parameters=source_parameters or {},
            target=target,
            target_parameters=target_parameters or {},
            enrichment=enrichment or "",
            enrichment_parameters=enrichment_parameters or {},
            role=role_arn,
            description=description,
            desired=desired_state,
            key=kms_key_identifier,
            tags=tags or {},
            created_s=here.now(),
            modified_s=here.now(),
        )
    )
    return _kept(here, pipe)


def check_logs(configuration: Json | None) -> None:
    """Raises Unsupported: there are no logs of pipes, so only a pipe that wants none can have its wish."""
    if configuration is not None and configuration.get("Level") != "OFF":
        raise unsupported(f"the parameter LogConfiguration with the level {configuration.get('Level')}")


def _kept(here: Here, pipe: Pipe) -> Json:
    layout.put(here.tx, pipe)
    here.later("pipes.settle", {"pipe": pipe.name, "id": pipe.id})
    return changed(pipe, layout.arn_of(here, pipe.name))


def _settled(here: Here, name: str) -> Pipe:
    """The pipe, if it is not on its way to another state. Raises NotFoundException, ConflictException."""
    pipe = layout.require(here.tx, name)
    if pipe.state.endswith("ING") and pipe.state != "RUNNING":
        raise conflict(name, f"Pipe {name} is in the state {pipe.state} and cannot be changed.")
    return pipe


def update_pipe(
    here: Here,
    name: str,
    role_arn: str,
    description: str | None = None,
    desired_state: str | None = None,
    source_parameters: Json | None = None,
    enrichment: str | None = None,
    enrichment_parameters: Json | None = None,
    target: str | None = None,
    target_parameters: Json | None = None,
    log_configuration: Json | None = None,
    kms_key_identifier: str | None = None,
) -> Json:
    """What is not given stays; of parameters, each member that is given is replaced whole."""
    check_logs(log_configuration)
    pipe = _settled(here, name)
    given = {
        "role": role_arn,
        "description": description,
        "desired": desired_state,
        "source_parameters": _changed_source(pipe, source_parameters),
        "enrichment": enrichment,
        "enrichment_parameters": enrichment_parameters,
        "target": target,
        "target_parameters": _changed_target(pipe, target, target_parameters),
        "key": kms_key_identifier,
    }
    fields: Json = {field: value for field, value in given.items() if value is not None}
    fields |= {"state": "UPDATING", "reason": None, "modified_s": here.now()}
    return _kept(here, checked(msgspec.structs.replace(pipe, **fields)))


def _changed_source(pipe: Pipe, given: Json | None) -> Json | None:
    if given is None:
        return None
    own = SOURCES[service_of(pipe.source)]
    if given.get(own) is None:
        return {**pipe.source_parameters, **given}
    fixed = {name: pipe.source_settings[name] for name in ("StartingPosition",) if name in pipe.source_settings}
    return {**pipe.source_parameters, **given, own: {**given[own], **fixed}}


def _changed_target(pipe: Pipe, target: str | None, given: Json | None) -> Json | None:
    """Those of another kind of target go with it."""
    if given is None:
        return None
    other = target is not None and service_of(target) != service_of(pipe.target)
    return given if other else {**pipe.target_parameters, **given}


@reads
def describe_pipe(here: Here, name: str) -> Json:
    return described(layout.require(here.tx, name), layout.arn_of(here, name))


@reads
def list_pipes(
    here: Here,
    name_prefix: str = "",
    desired_state: str | None = None,
    current_state: str | None = None,
    source_prefix: str = "",
    target_prefix: str = "",
    next_token: str | None = None,
    limit: int = PAGE_MAX,
) -> Json:
    found = (
        pipe
        for pipe in layout.pipes(here.tx, next_token)
        if pipe.name.startswith(name_prefix)
        and desired_state in (None, pipe.desired)
        and current_state in (None, pipe.state)
        and pipe.source.startswith(source_prefix)
        and pipe.target.startswith(target_prefix)
    )
    page = list(islice(found, limit + 1))
    answer: Json = {"Pipes": [summary(pipe, layout.arn_of(here, pipe.name)) for pipe in page[:limit]]}
    return answer | ({"NextToken": page[limit - 1].name} if len(page) > limit else {})


def delete_pipe(here: Here, name: str) -> Json:
    return _turned(here, name, lambda _pipe: {"state": "DELETING", "desired": "STOPPED"})


def start_pipe(here: Here, name: str) -> Json:
    return _turned(here, name, lambda _pipe: {"state": "STARTING", "desired": "RUNNING"})


def stop_pipe(here: Here, name: str) -> Json:
    return _turned(here, name, lambda _pipe: {"state": "STOPPING", "desired": "STOPPED"})


def _turned(here: Here, name: str, into: Callable[[Pipe], Json]) -> Json:
    pipe = _settled(here, name)
    return _kept(here, msgspec.structs.replace(pipe, **into(pipe), reason=None, modified_s=here.now()))
