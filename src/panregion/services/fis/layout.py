"""Where FIS keeps things.

("fis", "template", id)    -> Template
("fis", "experiment", id)  -> Experiment
("fis", "lever")           -> Lever
("fis", "token", kind, t)  -> (id, digest of the request) of what was made by a client token
"""

import hashlib

import msgspec

from panregion.services.fis.engine import Turn
from panregion.services.fis.errors import ConflictException, ResourceNotFoundException
from panregion.services.fis.model import Experiment, Lever, Template
from panregion.services.here import Here
from panregion.services.records import Table

SPACE = "fis"
TEMPLATES = Table(
    *(SPACE, "template", Template),
    missing=lambda name: ResourceNotFoundException(f"Experiment template {name} does not exist."),
)
EXPERIMENTS = Table(
    *(SPACE, "experiment", Experiment),
    missing=lambda name: ResourceNotFoundException(f"Experiment {name} does not exist."),
)
LEVERS = Table(SPACE, "lever", Lever)
TOKENS = Table(SPACE, "token", tuple[str, str])
TICK, END = "fis.tick", "fis.end"


def template(here: Here, id: str) -> Template:
    """Raises ResourceNotFoundException."""
    return TEMPLATES.require(here.tx, id)


def templates(here: Here) -> list[Template]:
    return sorted(TEMPLATES.all(here.tx), key=lambda each: each.created_at)


def put_template(here: Here, changed: Template) -> None:
    TEMPLATES.put(here.tx, changed, changed.id)


def delete_template(here: Here, id: str) -> None:
    TEMPLATES.delete(here.tx, id)


def experiment(here: Here, id: str) -> Experiment:
    """Raises ResourceNotFoundException."""
    return EXPERIMENTS.require(here.tx, id)


def experiments(here: Here) -> list[Experiment]:
    return sorted(EXPERIMENTS.all(here.tx), key=lambda each: each.created_at, reverse=True)


def put_experiment(here: Here, changed: Experiment) -> None:
    EXPERIMENTS.put(here.tx, changed, changed.id)


def keep_turn(here: Here, turn: Turn) -> Experiment:
    """Keep what came of a turn."""
    put_experiment(here, turn.experiment)
    return turn.experiment


def lever(here: Here) -> Lever:
    return LEVERS.find(here.tx, "default") or Lever()


def put_lever(here: Here, changed: Lever) -> None:
    LEVERS.put(here.tx, changed, "default")


def made_by(here: Here, kind: str, token: str, request: object) -> str | None:
    """The id of what the same request made before. Raises ConflictException for another with the same token."""
    known = TOKENS.find(here.tx, kind, token)
    if known is None:
        return None
    made, digest = known
    if digest != _digest(request):
        raise ConflictException(f"The client token {token} was used for a request with other parameters.")
    return made


def note_made(here: Here, kind: str, token: str, request: object, id: str) -> None:
    TOKENS.put(here.tx, (id, _digest(request)), kind, token)


def _digest(request: object) -> str:
    return hashlib.sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
