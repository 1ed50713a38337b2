"""What kind of world a test asks for: from `[tool.panregion]` in pyproject.toml, and over it from the test's marker.

    @pytest.mark.world(regions=["us-east-1", "eu-west-1"], stacks=["template.yaml"], scale=0.1)

    [tool.panregion]
    regions = ["us-east-1", "eu-west-1"]
    stacks = [{ template = "template.yaml", name = "orders", parameters = { Domain = "food.test" } }]
    scope = "module"

Options and their defaults are the fields of `Options`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from panregion.testing.errors import BadOptions
from panregion.world import WorldSettings
from panregion.world.distance import regions as known_regions
from panregion.world.settings import (
    DEFAULT_REGIONS,
    DynamoDb,
    Functions,
    Network,
    NotNegative,
    Outside,
    Place,
    Ports,
    Replication,
    StoreSettings,
    Time,
)

Scope = Literal["function", "module", "session"]


class Stack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stack to be deployed before the first test."""

    template: str
    """Relative to the test's file, or to the project's root."""
    name: str = ""
    """Otherwise that of the folder that the template is in."""
    parameters: dict[str, str] = {}
    regions: tuple[str, ...] = ()
    """Where to, the primary region first; otherwise all of the world's."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of world. Two tests that ask for the same get the same, one after the other."""

    regions: tuple[str, ...] = DEFAULT_REGIONS
    stacks: tuple[Stack, ...] = ()
    scope: Scope = "function"
    """For how long one state lasts: it is put back for every test, for every module, or never."""
    scale: NotNegative = 0.1
    """Of every network delay: 1 is as far as on earth, 0 has none."""
    health_check_scale: Annotated[float, Meta(gt=0, le=1)] = 0.05
    """Of the intervals of health checks, and of how long users keep DNS answers."""
    jitter_ms: NotNegative = 0.5
    account_id: Annotated[str, Meta(pattern="^[0-9]{12}$")] = "000000000000"
    durability: Literal["full", "normal"] = "normal"
    console: bool = False
    """Whether the console runs, for whoever wants to look at a world between tests."""
    places: dict[str, Place] = {}
    outside: dict[str, Outside] = {}
    """Services outside every region, as in the world file; `folder` is relative to the test's file."""
    time: dict[str, float] = {}
    """Other keys of the world file's [time], such as item_expiry_s."""
    dynamodb: DynamoDb = DynamoDb()
    replication: Replication = Replication()
    functions: Functions = Functions()
    start_timeout_s: Annotated[float, Meta(gt=0)] = 90.0

    def settings(self, folder: Path, ports: Ports) -> WorldSettings:
        """The settings of such a world. Raises BadOptions."""
        times = {"health_check_scale": self.health_check_scale, "table_transition_s": 0.01, **self.time}
        try:
            time = msgspec.convert(times, Time)
        except msgspec.ValidationError as error:
            raise BadOptions(f"time: {error}") from error
        return WorldSettings(
            regions=self.regions,
            account_id=self.account_id,
            console=self.console,
            ports=ports,
            network=Network(scale=self.scale, jitter_ms=self.jitter_ms),
            time=time,
            store=StoreSettings(durability=self.durability),
            dynamodb=self.dynamodb,
            replication=self.replication,
            functions=self.functions,
            places=self.places,
            outside=self.outside,
            folder=str(folder),
        )

    @property
    def kind(self) -> bytes:
        """Equal where the worlds may be shared."""
        return msgspec.json.encode(self)


def options_from(project: Mapping[str, Any], marker: Mapping[str, Any], folders: list[Path]) -> Options:
    """The project's options with the marker's over them. Templates are looked for in `folders`. Raises BadOptions."""
    given = {**project, **marker}
    stacks = [_stack(stack, folders) for stack in given.pop("stacks", [])]
    try:
        options = msgspec.convert({**given, "stacks": stacks}, Options)
    except msgspec.ValidationError as error:
        raise BadOptions(f"world: {error}; the options are {', '.join(Options.__struct_fields__)}") from error
    for region in (*options.regions, *(region for stack in options.stacks for region in stack.regions)):
        if region not in known_regions():
            raise BadOptions(f"world: {region} is not a region that panregion knows")
    if not options.regions or len(set(options.regions)) < len(options.regions):
        raise BadOptions("world: regions are one or more, each named once")
    at = folders[0] if folders else Path()
    return msgspec.structs.replace(options, outside={name: each.within(at) for name, each in options.outside.items()})


def _stack(given: Any, folders: list[Path]) -> dict[str, Any]:
    """One entry of `stacks`: a template's path, or a table; its template is then a path that exists."""
    table = {"template": str(given)} if isinstance(given, str | Path) else given
    if not isinstance(table, Mapping) or "template" not in table:
        raise BadOptions(f"world: a stack is a template's path, or a table with `template`; not {given!r}")
    for folder in folders:
        path = (folder / str(table["template"])).resolve()
        if path.is_file():
            return {"name": path.parent.name, **table, "template": str(path)}
    looked = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise BadOptions(f"world: there is no template {table['template']} in {looked}")
