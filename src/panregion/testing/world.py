"""The world that a test is given: plain calls, no coroutines.

world.region("us-east-1").client("dynamodb")       boto3, one region
world.user("london").get("https://api.food.test")  httpx, through the city's proxy
with world.region("eu-west-1").kill(): ...         every fault is a context manager
world.eventually(lambda: ..., within=60)
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from panregion.control.faults import BaseFault
from panregion.testing import convergence
from panregion.testing.errors import NeverTrue, WorldFailed
from panregion.testing.injected import Injected, Injector, inject
from panregion.testing.logs import Logs
from panregion.testing.places import Link, Region
from panregion.testing.running import RunningWorld
from panregion.testing.user import User
from panregion.world import SystemClock, WorldSettings

T = TypeVar("T")

LOOK_EVERY_S = 0.05


class World(Injector):
    """Several regions, the cities of their users, and everything that can go wrong in them.

    Faults that are of no region or link are methods here: `world.name_server_down()`.
    """

    def __init__(self, running: RunningWorld) -> None:
        super().__init__(running, {})
        self._clock = SystemClock()
        self._users: dict[tuple[str, bool], User] = {}
        self._logs = Logs(running.settings.path / "logs")
        self._logs.mark()

    def __repr__(self) -> str:
        return f"<world of {', '.join(self.regions)}>"

    @property
    def settings(self) -> WorldSettings:
        """All that the world was started with: ports, folder, scales."""
        return self._running.settings

    @property
    def regions(self) -> list[str]:
        """The names of its regions, the primary one first."""
        return list(self.settings.regions)

    @property
    def authority(self) -> str:
        """The path of the certificate (PEM) that clients of one's own have to trust."""
        return str(self.settings.path / "authority.pem")

    def region(self, name: str) -> Region:
        """One of its regions. Raises ValueError for another."""
        if name not in self.settings.regions:
            raise ValueError(f"{name} is not a region of this world; it has {', '.join(self.regions)}")
        return Region(self._running, name)

    def link(self, from_site: str, to_site: str, *, both: bool = True) -> Link:
        """What lies between two sites; with `both=False` only what the first sends to the second."""
        return Link(self._running, from_site, to_site, both=both)

    def user(self, city: str, *, keep_alive: bool = False) -> User:
        """Somebody in a city; the same one whenever the test asks. Raises ValueError for a city that is not known."""
        kind = (city, keep_alive)
        if kind not in self._users:
            self._users[kind] = User(self.settings, city, keep_alive=keep_alive)
        return self._users[kind]

    def fault(self, fault: BaseFault | Mapping[str, Any], duration_s: float | None = None) -> Injected:
        """Begin a fault that is given as a value, as game days write it: {"kind": "region-kill", "region": ...}."""
        return inject(self._running, fault, duration_s)

    def faults(self) -> list[str]:
        """What is wrong now, in words."""
        return [record.description for record in self._ask(self._running.control.faults()) if record.state != "ended"]

    def heal(self) -> None:
        """Undo every fault; returns once all is as before."""
        self._ask(self._running.control.undo_all())

    def status(self) -> dict[str, Any]:
        """The whole world as one value, as `panregion status --json` prints it."""
        status: dict[str, Any] = self._ask(self._running.control.status())
        return status

    def conflicts(self) -> list[dict[str, Any]]:
        """The acknowledged writes that a concurrent one overwrote, as `panregion conflicts --json` prints them."""
        conflicts: list[dict[str, Any]] = self._ask(self._running.control.conflicts())
        return conflicts

    def converged(self, within: float = 30.0) -> bool:
        """Wait until every replica has applied what was written before this call. Raises NeverTrue, which says who is
        how far behind."""
        heads = convergence.heads_of(self.status()["regions"])
        last: list[str] = []

        def all_have_it() -> bool:
            last[:] = convergence.behind(self.status()["regions"], heads)
            return not last

        try:
            return self.eventually(all_have_it, within=within)
        except NeverTrue as error:
            raise NeverTrue(f"the replicas did not converge within {within:g} s: {'; '.join(last)}") from error

    def eventually(self, check: Callable[[], T], within: float = 30.0) -> T:
        """Look again and again until `check` gives something true, and return that.

        What `check` raises (an assertion, a connection that was refused) counts as "not yet". Raises NeverTrue, with
        what was seen last, once `within` seconds have passed; there is at least one look.
        """
        deadline = self._clock.monotonic() + within
        looks = 0
        while True:
            looks += 1
            problem: Exception | None = None
            seen: Any = None
            try:
                seen = check()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may be over at the next look
                problem = error
            if seen:
                found: T = seen
                return found
            if self._clock.monotonic() >= deadline:
                last = f"{type(problem).__name__}: {problem}" if problem else repr(seen)
                raise NeverTrue(f"not true within {within:g} s; the last of {looks} looks gave {last}") from problem
            self._running.ask(self._clock.sleep(LOOK_EVERY_S))

    def logs(self) -> str:
        """What the world's processes have written since the test began, process by process; and first what was to be
        said of its stacks when they were deployed."""
        warnings = "\n".join(self._running.warnings)
        texts = [*([("deployment", warnings)] if warnings else []), *self._logs.texts()]
        return "\n".join(f"--- {name}\n{text}" for name, text in texts)

    def _ask(self, question: Any) -> Any:
        return self._running.ask(question)

    def close(self) -> None:
        """Let go of the users' connections; the world goes on."""
        for user in self._users.values():
            user.close()
        self._users.clear()


__all__ = ["NeverTrue", "World", "WorldFailed"]
