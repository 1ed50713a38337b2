"""Doing the timetable's steps to a world, and keeping what was done when."""

from collections.abc import Callable

import msgspec

from panregion.control import ControlClient, ControlError, FaultHandle, Lease
from panregion.control.faults import Fault, Where
from panregion.control.faults.effects import AtEdge, InRegion, LinkChange, SiteDown
from panregion.control.faults.schedule import Step
from panregion.gameday.result import FaultSpan


class Injector:
    """Injects and undoes; what fails is kept in the fault's span, for the verdict."""

    def __init__(
        self,
        control: ControlClient,
        where: Where,
        elapsed: Callable[[], float],
        began_s: float,
        tell: Callable[[str], None],
    ) -> None:
        self._control = control
        self._where = where
        self._elapsed = elapsed
        self._began_s = began_s
        """Unix time of the game day's beginning."""
        self._tell = tell
        self._handles: dict[int, FaultHandle] = {}
        self._spans: dict[int, FaultSpan] = {}

    @property
    def spans(self) -> list[FaultSpan]:
        """Every fault so far, in the order in which they began."""
        return list(self._spans.values())

    async def inject(self, step: Step, offset_s: float, lease: Lease) -> None:
        """Begin a fault; `offset_s` is what the timetable's times count from."""
        span = FaultSpan(
            id=f"f{step.number + 1}",
            kind=step.fault.kind,
            text=step.fault.describe(),
            sites=sites(step.fault, self._where),
            planned_at_s=round(offset_s + step.at_s, 3),
            began_s=None,
            ended_s=None,
            fault=msgspec.to_builtins(step.fault),
        )
        try:
            handle = await self._control.inject(step.fault, lease=lease)
        except ControlError as error:
            self._spans[step.number] = msgspec.structs.replace(span, problem=f"it could not begin: {error}")
            self._tell(f"{span.text}: it could not begin: {error}")
            return
        self._handles[step.number] = handle
        began_s = round(handle.began_s - self._began_s, 3)
        self._spans[step.number] = msgspec.structs.replace(span, began_s=began_s)
        self._tell(span.text)

    async def undo(self, step: Step) -> None:
        """End a fault; returns once all is as before."""
        handle = self._handles.get(step.number)
        if handle is None:
            return
        span = self._spans[step.number]
        try:
            record = await handle.undo()
        except ControlError as error:
            self._spans[step.number] = msgspec.structs.replace(span, problem=f"it could not be undone: {error}")
            self._tell(f"{span.text}: it could not be undone: {error}")
            return
        ended_s = self._elapsed() if record.ended_s is None else record.ended_s - self._began_s
        problem = f"it could not be undone whole: {record.failure}" if record.failure else ""
        self._spans[step.number] = msgspec.structs.replace(span, ended_s=round(ended_s, 3), problem=problem)
        self._tell(f"over: {span.text}")

    def is_live(self, step: Step) -> bool:
        """Whether a fault has begun, and nobody has undone it yet."""
        return step.number in self._handles and self._spans[step.number].ended_s is None

    def down(self, step: Step) -> set[str]:
        """The sites that a fault takes down."""
        return {effect.site for effect in step.fault.effects(self._where) if isinstance(effect, SiteDown)}


def sites(fault: Fault, where: Where) -> list[str]:
    """The regions, cities and other sites that a fault touches."""
    touched: dict[str, None] = {}
    for effect in fault.effects(where):
        match effect:
            case SiteDown(site=site):
                touched[site] = None
            case LinkChange(from_site=one, to_site=other):
                touched |= {one: None, other: None}
            case InRegion(region=region):
                touched[region] = None
            case AtEdge():
                touched["edge"] = None
    return list(touched)
