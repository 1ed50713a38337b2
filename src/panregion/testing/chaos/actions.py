"""Actions for Chaos Toolkit: one for each kind of fault, named as the kind is with underscores, and their undoing.

`region_kill(region="eu-west-1", duration_s=30)` begins a fault and gives its id; its arguments are the fault's fields.
"""

import inspect
from collections.abc import Callable
from typing import Any

import msgspec

from panregion.control.faults import FAULTS, BaseFault, read_fault
from panregion.testing.chaos.connection import connection

Configuration = dict[str, Any] | None


def _begin(fault: Any, duration_s: float | None, configuration: Configuration) -> str:
    world = connection(configuration)
    handle = world.ask(world.control.inject(fault, duration_s=duration_s, lease=world.lease()))
    return handle.id


def inject(fault: dict[str, Any], duration_s: float | None = None, configuration: Configuration = None) -> str:
    """Begin a fault given as a value, as game days write it: {"kind": "region-kill", "region": ...}; its id."""
    return _begin(read_fault(fault), duration_s, configuration)


def undo(fault_id: str, configuration: Configuration = None) -> None:
    """End a fault; returns once all is as before."""
    world = connection(configuration)
    world.ask(world.control.undo(fault_id))


def heal(configuration: Configuration = None) -> list[str]:
    """End every fault of the world, whoever began it; what they were, in words."""
    world = connection(configuration)
    return [record.description for record in world.ask(world.control.undo_all())]


def restore_region(region: str, configuration: Configuration = None) -> None:
    """Undo what keeps a region down, and start it on its folder; returns once it answers."""
    world = connection(configuration)
    world.ask(world.control.restore(region))


def _action(kind: str, fault: type[BaseFault]) -> Callable[..., str]:
    """The action of a kind of fault, with a signature that Chaos Toolkit can check arguments against."""
    fields = msgspec.structs.fields(fault)
    encoded = {field.name: field.encode_name for field in fields}

    def begin(duration_s: float | None = None, configuration: Configuration = None, **given: Any) -> str:
        value = {encoded[name]: argument for name, argument in given.items()}
        return _begin(read_fault({"kind": kind, **value}), duration_s, configuration)

    begin.__name__ = begin.__qualname__ = kind.replace("-", "_")
    begin.__doc__ = (
        f"{(fault.__doc__ or kind).strip()}\n\n    Gives the fault's id; it ends after `duration_s` if given."
    )
    begin.__dict__["__signature__"] = inspect.Signature(
        [*(_parameter(field) for field in fields), *_COMMON], return_annotation=str
    )
    return begin


def _parameter(field: msgspec.structs.FieldInfo) -> inspect.Parameter:
    """Its default is checked with the fault itself: here it is enough that there is one."""
    default: Any = inspect.Parameter.empty
    if not field.required:
        default = None if field.default is msgspec.NODEFAULT else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Any)


_COMMON = [
    inspect.Parameter("duration_s", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=float),
    inspect.Parameter("configuration", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=dict),
]

OF_FAULTS = {kind.replace("-", "_"): _action(kind, fault) for kind, fault in FAULTS.items()}
globals().update(OF_FAULTS)

__all__ = ["heal", "inject", "restore_region", "undo", *OF_FAULTS]  # pyright: ignore
