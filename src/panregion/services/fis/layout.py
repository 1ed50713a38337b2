"""Where FIS keeps things.

("fis", "template", id)    -> Template
("fis", "experiment", id)  -> Experiment
("fis", "lever")           -> Lever
("fis", "token", kind, t)  -> (id, digest of the request) of what was made by a client token
"""

import hashlib
from typing import TypeVar

import msgspec

from panregion.services.fis.engine import Turn
from panregion.services.fis.errors import ConflictException, ResourceNotFoundException
from panregion.services.fis.model import Experiment, Lever, Template
from panregion.services.here import Here

T = TypeVar("T")

SPACE = "fis"
TICK, END = "fis.tick", "fis.end"

_encode = msgspec.msgpack.Encoder().encode


def _get(here: Here, kind: str, id: str, type: type[T]) -> T | None:
    value = here.tx.get((SPACE, kind, id))
    return None if value is None else msgspec.msgpack.decode(value, type=type)


def _all(here: Here, kind: str, type: type[T]) -> list[T]:
    return [msgspec.msgpack.decode(value, type=type) for _, value in here.tx.prefix((SPACE, kind))]


def template(here: Here, id: str) -> Template:
    """Raises ResourceNotFoundException."""
    found = _get(here, "template", id, Template)
    if found is None:
        raise ResourceNotFoundException(f"Experiment template {id} does not exist.")
    return found


def templates(here: Here) -> list[Template]:
    return sorted(_all(here, "template", Template), key=lambda each: each.created_at)


def put_template(here: Here, changed: Template) -> None:
    here.tx.put((SPACE, "template", changed.id), _encode(changed))


def delete_template(here: Here, id: str) -> None:
    here.tx.delete((SPACE, "template", id))


def experiment(here: Here, id: str) -> Experiment:
    """Raises ResourceNotFoundException."""
    found = _get(here, "experiment", id, Experiment)
    if found is None:
        raise ResourceNotFoundException(f"Experiment {id} does not exist.")
    return found


def experiments(here: Here) -> list[Experiment]:
    return sorted(_all(here, "experiment", Experiment), key=lambda each: each.created_at, reverse=True)


def put_experiment(here: Here, changed: Experiment) -> None:
    here.tx.put((SPACE, "experiment", changed.id), _encode(changed))


def keep_turn(here: Here, turn: Turn) -> Experiment:
    """Keep what came of a turn."""
    put_experiment(here, turn.experiment)
    return turn.experiment


def lever(here: Here) -> Lever:
    return _get(here, "lever", "default", Lever) or Lever()


def put_lever(here: Here, changed: Lever) -> None:
    here.tx.put((SPACE, "lever", "default"), _encode(changed))


def made_by(here: Here, kind: str, token: str, request: object) -> str | None:
    """The id of what the same request made before. Raises ConflictException for another with the same token."""
    value = here.tx.get((SPACE, "token", kind, token))
    if value is None:
        return None
    made, digest = msgspec.msgpack.decode(value, type=tuple[str, str])
    if digest != _digest(request):
        raise ConflictException(f"The client token {token} was used for a request with other parameters.")
    return made


def note_made(here: Here, kind: str, token: str, request: object, id: str) -> None:
    here.tx.put((SPACE, "token", kind, token), _encode((id, _digest(request))))


def _digest(request: object) -> str:
    return hashlib.sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
