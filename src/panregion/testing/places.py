"""Regions and links of a world, as tests have them."""

from typing import TYPE_CHECKING, Any

from panregion.control import ControlClient
from panregion.testing.injected import Injector
from panregion.testing.running import RunningWorld
from panregion.world.aws_client import aws_client, aws_resource

if TYPE_CHECKING:
    from botocore.config import Config

READ_TIMEOUT_S = 60


class Region(Injector):
    """One region: clients that speak to it, and what can be done to it.

    Every fault of a region is a method, and a context manager: `region.kill()`, `region.freeze()`,
    `with region.service_error(service="dynamodb", share=0.1):`. `restore` undoes what keeps it down.
    """

    _prefix = "region-"

    def __init__(self, running: RunningWorld, name: str) -> None:
        super().__init__(running, {"region": name})
        self.name = name
        self.endpoint = running.settings.endpoint(name)

    def __repr__(self) -> str:
        return f"<region {self.name} at {self.endpoint}>"

    @property
    def status(self) -> str:
        """running, killed, frozen, crashed, stopped, or starting."""
        states = self._running.ask(self._running.control.status())["regions"]
        return next(str(state["status"]) for state in states if state["region"] == self.name)

    def restore(self) -> None:
        """Undo what keeps the region down, and start it on the folder it had; returns once it answers."""
        control: ControlClient = self._running.control
        self._running.ask(control.restore(self.name))

    def outputs(self, stack: str | None = None) -> dict[str, str]:
        """The outputs of a stack in this region; of the only one where none is named."""
        (only, *more) = [stack] if stack else list(self._running.outputs) or [""]
        if more or only not in self._running.outputs:
            raise ValueError(f"which stack? there are {', '.join(self._running.outputs) or 'none'}")
        return self._running.outputs[only].get(self.name, {})

    def client(self, service: str, config: "Config | None" = None) -> Any:
        """boto3's client of a service, which speaks to this region. Errors are not tried again unless `config` says so:
        a test wants to see them."""
        return aws_client(service, self.name, self.endpoint, _config(config))

    def resource(self, service: str) -> Any:
        """boto3's resource of a service, such as dynamodb's with its Table."""
        return aws_resource(service, self.name, self.endpoint, _config(None))


def _config(config: "Config | None") -> "Config":
    from botocore.config import Config

    ours = Config(
        retries={"max_attempts": 0},
        read_timeout=READ_TIMEOUT_S,
        inject_host_prefix=False,
        s3={"addressing_style": "path"},
    )
    return ours if config is None else ours.merge(config)


class Link(Injector):
    """The link between two sites (regions, cities), or between groups of them: "regions", "places", "*".

    Every fault of a link is a method, and a context manager: `cut(how="refuse")`, `delay(delay_ms=200)`,
    `jitter(jitter_ms=50)`, `loss(loss=0.1)`, `bandwidth(bandwidth_bytes_s=1e5)`.
    """

    _prefix = "link-"

    def __init__(self, running: RunningWorld, from_site: str, to_site: str, *, both: bool) -> None:
        super().__init__(running, {"from": from_site, "to": to_site, "both": both})
        self.ends = f"{from_site} {'<->' if both else '->'} {to_site}"

    def __repr__(self) -> str:
        return f"<link {self.ends}>"
