"""What a recovery cluster is, for all who have to do with one: control plane, cells, edge and control.

A cluster has a cell at each of five sites, those at which AWS has its endpoints. Each cell has an address of its own,
127.5.<site>.<cluster>; the process of a site holds the cells of all clusters, and is itself at 127.5.<site>.254.
What a cluster agrees on is one value (`Agreed`): the configuration that the control plane last told it (`Document`),
and the states of its routing controls. Pure.
"""

import msgspec

from panregion.world import WorldSettings

CELL_SITES = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
CLUSTERS_MAX = 2
MAJORITY = len(CELL_SITES) // 2 + 1
HOST_NUMBER = 254
FOLDER = "recovery"
"""Below the world's folder; there from when the first cluster is made."""
API_PATH = "/v1"


def host_address(site: str) -> str:
    """Where the process that holds a site's cells answers the world's own questions."""
    return f"127.5.{CELL_SITES.index(site) + 1}.{HOST_NUMBER}"


def cell_address(site: str, number: int) -> str:
    """The address of a cluster's cell; clusters are numbered from 1."""
    return f"127.5.{CELL_SITES.index(site) + 1}.{number}"


def site_of_address(address: str) -> str | None:
    """The site that has a cell at that address, if any; what is the world's own is no cell's."""
    parts = address.split(".")
    if parts[:2] != ["127", "5"] or len(parts) != 4 or not parts[2].isdigit() or parts[3] == str(HOST_NUMBER):
        return None
    place = int(parts[2])
    return CELL_SITES[place - 1] if 0 < place <= len(CELL_SITES) else None


def host_url(settings: WorldSettings, site: str) -> str:
    """The URL of the process that holds a site's cells."""
    return f"http://{host_address(site)}:{settings.ports.gateway}"


def cell_url(settings: WorldSettings, site: str, number: int) -> str:
    """The URL of a cell, without a path. An AWS client is given `endpoint`."""
    return f"http://{cell_address(site, number)}:{settings.ports.gateway}"


def endpoint(settings: WorldSettings, site: str, number: int) -> str:
    """A cluster's endpoint at a site, as DescribeCluster shows it and AWS's clients take it."""
    return cell_url(settings, site, number) + API_PATH


class Panel(msgspec.Struct, frozen=True):
    """A control panel."""

    arn: str
    name: str


class Control(msgspec.Struct, frozen=True):
    """A routing control, a switch."""

    arn: str
    name: str
    panel_arn: str


class Rule(msgspec.Struct, frozen=True):
    """A safety rule. An assertion has no targets: what it asserts is what it guards."""

    arn: str
    name: str
    panel_arn: str
    kind: str
    """ASSERTION or GATING."""
    controls: tuple[str, ...]
    """What is evaluated: the asserted controls, or the gating ones."""
    targets: tuple[str, ...]
    type: str
    threshold: int
    inverted: bool
    wait_ms: int

    @property
    def guarded(self) -> tuple[str, ...]:
        """The controls whose change the rule is about."""
        return self.targets if self.kind == "GATING" else self.controls

    @property
    def needed(self) -> int:
        """How many of the evaluated controls have to be on."""
        return {"AND": len(self.controls), "OR": 1}.get(self.type, self.threshold)


class Document(msgspec.Struct, frozen=True):
    """A cluster's configuration. A later version replaces an earlier one."""

    version: int
    cluster_arn: str
    owner: str
    panels: tuple[Panel, ...] = ()
    controls: tuple[Control, ...] = ()
    rules: tuple[Rule, ...] = ()


class State(msgspec.Struct, frozen=True):
    """A routing control's state and when it last changed (epoch seconds; 0 where it never has)."""

    on: bool = False
    changed_at: float = 0.0


OFF = State()


class Agreed(msgspec.Struct, frozen=True):
    """All that a cluster's cells agree on. Controls without a state are off."""

    document: Document
    states: dict[str, State] = {}

    def state(self, arn: str) -> State:
        return self.states.get(arn, OFF)


class Joining(msgspec.Struct, frozen=True):
    """That a site is to hold a cell of a cluster."""

    cluster_id: str
    number: int


class Shown(msgspec.Struct, frozen=True):
    """What a cell knows to be agreed: the version counts changes; control ARN -> on."""

    cluster_id: str
    number: int
    version: int
    states: dict[str, bool]


class Told(msgspec.Struct, frozen=True):
    """What a site tells those who follow it: all its cells know. `position` differs whenever the rest does."""

    position: int
    cells: list[Shown]
