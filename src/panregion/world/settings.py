"""The world file, `panregion.toml`: read, checked whole before anything starts, never changed afterwards.

Every key, with its default:

    regions = ["us-east-1", "eu-west-1", "ap-southeast-2"]
    account_id = "000000000000"
    console = true          # whether the console runs beside the world

    [ports]
    gateway = 4566      # each region at its own address, and the front door at 127.0.0.1
    tls = 4567          # the same over TLS, with the world's own certificate authority
    control = 4500
    network = 4501
    edge = 4502         # the edge's own API: health checks, answers, caches
    console = 4503      # the page to look at
    dns = 4553
    places = 4600       # the first place's proxy; the others follow in alphabetical order

    [network]
    scale = 1.0         # shrinks every delay; 0 turns delays off
    jitter_ms = 0.5

    [time]
    health_check_scale = 1.0   # shrinks the intervals of health checks and how long places keep DNS answers
    table_transition_s = 0.2   # how long a DynamoDB table stays CREATING, UPDATING, DELETING, where these do not say:
    # table_creating_s, table_updating_s, table_deleting_s; and index_transition_s for an index made or dropped
    item_expiry_s = 2.0        # how often DynamoDB looks for items whose time to live is over

    [store]
    durability = "full"  # an fsync per group of transactions; "normal" leaves it to the operating system

    [dynamodb]
    enforce_throughput = false  # whether provisioned tables throttle beyond their capacity and 300 s of burst
    stream_shard_s = 14400      # a shard of a DynamoDB stream ends after this, and another goes on

    [sqs]
    enforce_throughput = false  # whether FIFO queues throttle beyond 300 calls a second of each kind

    [replication]
    feed_keep_s = 86400          # a region that was away for longer, or is further behind than the next, copies
    feed_records_max = 1000000   # a global table anew when it comes back
    tombstone_keep_s = 600       # how long deletions are remembered at least
    strong_deadline_s = 3.0      # an operation on a strong table ends after this, whoever can be reached

    [functions]
    idle_s = 300         # an execution environment without work ends after this

    [outside."payments.bank.test"]   # somebody else's service, in no region, under that name
    place = "zurich"                 # the city where it stands; links lead there
    command = ["python3", "payments/provider.py"]   # it is told HOST, PORT (known to others as 80), TLS_PORT (443) and,
    # as PEM files, TLS_CERTIFICATE and TLS_KEY; STATE_FOLDER is its own
    folder = "."                     # where it is started, beside this file

    [places.lisbon]      # cities of your own, beside the packaged ones
    country = "PT"
    continent = "EU"
    latitude = 38.72
    longitude = -9.14
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

FILE_NAME = "panregion.toml"
DEFAULT_REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")

Port = Annotated[int, Meta(ge=1, le=65535)]
HOST_NAME = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"
NotNegative = Annotated[float, Meta(ge=0)]


class SettingsError(Exception):
    """The world file cannot be used; the text names the key and says why."""


class Ports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gateway: Port = 4566
    tls: Port = 4567
    control: Port = 4500
    network: Port = 4501
    edge: Port = 4502
    console: Port = 4503
    dns: Port = 4553
    places: Port = 4600


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scale: NotNegative = 1.0
    jitter_ms: NotNegative = 0.5


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    health_check_scale: Annotated[float, Meta(gt=0, le=1)] = 1.0
    table_transition_s: NotNegative = 0.2
    table_creating_s: NotNegative | None = None
    table_updating_s: NotNegative | None = None
    table_deleting_s: NotNegative | None = None
    index_transition_s: NotNegative | None = None
    item_expiry_s: Annotated[float, Meta(gt=0)] = 2.0


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    durability: Literal["full", "normal"] = "full"


class DynamoDb(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enforce_throughput: bool = False
    stream_shard_s: Annotated[float, Meta(gt=0)] = 4 * 3600.0


class Sqs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enforce_throughput: bool = False


class Replication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    feed_keep_s: Annotated[float, Meta(gt=0)] = 86_400.0
    feed_records_max: Annotated[int, Meta(ge=1)] = 1_000_000
    tombstone_keep_s: NotNegative = 600.0
    strong_deadline_s: Annotated[float, Meta(gt=0)] = 3.0


class Functions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    idle_s: Annotated[float, Meta(gt=0)] = 300.0


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    country: str
    continent: Literal["AF", "AN", "AS", "EU", "NA", "OC", "SA"]
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    subdivision: str = ""


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service that is not the application's, and in no region: a program, and the city where it stands."""

    place: str
    command: Annotated[tuple[str, ...], Meta(min_length=1)]
    folder: str = "."
    """Where it is started; relative to the world file until that is read."""

    def within(self, folder: Path) -> "Outside":
        """The same, started in a folder below this one."""
        return msgspec.structs.replace(self, folder=str((folder / self.folder).resolve()))


class WorldSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a process of the world needs to know to find its place in it."""

    regions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)] = DEFAULT_REGIONS
    account_id: Annotated[str, Meta(pattern="^[0-9]{12}$")] = "000000000000"
    console: bool = True
    ports: Ports = Ports()
    network: Network = Network()
    time: Time = Time()
    store: StoreSettings = StoreSettings()
    dynamodb: DynamoDb = DynamoDb()
    sqs: Sqs = Sqs()
    replication: Replication = Replication()
    functions: Functions = Functions()
    places: dict[str, Place] = {}
    outside: Annotated[dict[Annotated[str, Meta(pattern=HOST_NAME)], Outside], Meta(max_length=250)] = {}
    folder: str = ".panregion"

    def address(self, region: str) -> str:
        """The region's own address in 127.0.0.0/8. Raises ValueError for a region that is not in the world."""
        return f"127.0.{self.regions.index(region) + 1}.1"

    def endpoint(self, region: str) -> str:
        """The URL at which AWS clients reach the region."""
        return f"http://{self.address(region)}:{self.ports.gateway}"

    def egress(self, region: str) -> tuple[str, int]:
        """Where a region's functions find the proxy that is their way out. Raises ValueError as `address`."""
        return f"127.0.{self.regions.index(region) + 1}.2", self.ports.gateway

    def outside_address(self, name: str) -> str:
        """The address of a service outside every region. Raises ValueError for one that is not in the world."""
        return f"127.6.{list(self.outside).index(name) + 1}.1"

    def region_at(self, address: str) -> str | None:
        """Which region has this address, if any."""
        return next((region for region in self.regions if self.address(region) == address), None)

    def home(self, preferred: str) -> str:
        """Where a global service's control plane lives: on AWS `preferred`, else the world's first region."""
        return preferred if preferred in self.regions else self.regions[0]

    @property
    def network_address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.ports.network)

    @property
    def path(self) -> Path:
        """The folder that holds all state."""
        return Path(self.folder)

    def region_folder(self, region: str) -> Path:
        return self.path / region


def read_settings(path: Path) -> WorldSettings:
    """The settings of a world file, its state folder beside it. Raises SettingsError."""
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}: {error}") from error
    return parse_settings(table, path)


def parse_settings(table: dict[str, Any], path: Path) -> WorldSettings:
    """Check a world file's table; `path` is where it is (or would be), for messages and the state folder."""
    try:
        settings = msgspec.convert(table, WorldSettings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path.name}: {_with_key(str(error))}") from error
    repeated = sorted({region for region in settings.regions if settings.regions.count(region) > 1})
    if repeated:
        raise SettingsError(f"{path.name}: regions: {', '.join(repeated)} is named twice")
    return msgspec.structs.replace(
        settings,
        folder=str((path.parent / settings.folder).resolve()),
        outside={name: service.within(path.parent) for name, service in settings.outside.items()},
    )


def load_world(path: Path) -> WorldSettings:
    """The settings that control wrote for the processes it starts."""
    return msgspec.json.decode(path.read_bytes(), type=WorldSettings)


def _with_key(message: str) -> str:
    """msgspec's `Expected int, got str - at $.ports.gateway` with the key first, as people look for it."""
    text, found, key = message.rpartition(" - at `$")
    return f"{key.strip('.`') or 'the file'}: {text}" if found else message
