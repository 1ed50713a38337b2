"""Faults as tests have them: begun by a call, ended by the end of a `with` block, by `undo`, or by the next reset."""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec

from panregion.control import ControlClient
from panregion.control.faults import FAULTS, BaseFault, read_fault
from panregion.testing.running import RunningWorld

Inject = Callable[..., "Injected"]


class Injected:
    """A fault that has begun. Leaving a `with` block of it ends it."""

    def __init__(self, running: RunningWorld, id: str, text: str) -> None:
        self._running = running
        self.id = id
        self.text = text
        """What is wrong now, in words: "us-east-1 is killed"."""

    def undo(self) -> None:
        """End it; returns once all is as before. One that has ended already is left in peace."""
        self._running.ask(self._running.control.undo(self.id))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.undo()

    def __repr__(self) -> str:
        return f"<fault {self.id}: {self.text}>"


def inject(running: RunningWorld, fault: BaseFault | Mapping[str, Any], duration_s: float | None = None) -> Injected:
    """Begin a fault. Raises ValueError where it is none, WorldFailed where the world has no such thing."""
    value = fault if isinstance(fault, BaseFault) else read_fault(dict(fault))
    control: ControlClient = running.control
    handle = running.ask(control.inject(value, duration_s=duration_s))  # type: ignore[arg-type]
    return Injected(running, handle.id, value.describe())


class Injector:
    """Has a method for every kind of fault, as far as it is about what this object is about."""

    _prefix = ""
    """Of kinds that may be left out: a region's `kill` is `region-kill`."""

    def __init__(self, running: RunningWorld, about: Mapping[str, Any]) -> None:
        self._running = running
        self._about = dict(about)

    def inject(self, kind: str, *, duration_s: float | None = None, **fields: Any) -> Injected:
        """Begin a fault of a kind, such as "service-error", with its fields; it ends after `duration_s` if given."""
        return inject(self._running, {"kind": kind, **self._about, **fields}, duration_s)

    def __getattr__(self, name: str) -> Inject:
        kind = self._kind(name)
        if kind is None:
            raise AttributeError(f"there is no fault {name}; there are {', '.join(self._kinds())}")

        def begin(*, duration_s: float | None = None, **fields: Any) -> Injected:
            return self.inject(kind, duration_s=duration_s, **fields)

        begin.__doc__ = FAULTS[kind].__doc__
        return begin

    def _kind(self, name: str) -> str | None:
        plain = name.replace("_", "-")
        found = (kind for kind in (plain, self._prefix + plain) if kind in FAULTS and self._fits(kind))
        return next(found, None)

    def _fits(self, kind: str) -> bool:
        names = {field.encode_name for field in msgspec.structs.fields(FAULTS[kind])}
        return self._about.keys() <= names

    def _kinds(self) -> list[str]:
        return [kind.removeprefix(self._prefix).replace("-", "_") for kind in FAULTS if self._fits(kind)]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._kinds()]
