"""A region that has nothing but CloudFormation and resource types of our own making, which fail when told to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from panregion.services import Context, Here, ResourceType
from panregion.services.cloudformation import api, engine, journal
from panregion.services.cloudformation.stack import RESOURCES
from panregion.store import MemoryEngine, Store, Transaction, Work
from panregion.wire import AwsError
from panregion.world import HttpClient, ManualClock, SeededChance, World, WorldSettings

T = TypeVar("T")
Params = dict[str, Any]
THING, FIXED = "Test::Thing", "Test::Fixed"


class Crash(BaseException):
    """The region dies here."""


class Broken(AwsError):
    pass


@dataclass
class Cloud:
    """Where the things are: outlives a crash of the engine, as the other services' state does."""

    things: dict[str, Params] = field(default_factory=dict)
    fails: set[tuple[str, str]] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    pause: Callable[[str, str], Awaitable[None]] | None = None

    async def _do(self, action: str, name: str) -> None:
        self.log.append(f"{action} {name}")
        if self.pause is not None:
            await self.pause(action, name)
        if (action, name) in self.fails:
            raise Broken(f"cannot {action} {name}")

    async def create(self, _here: Here, properties: Params, context: Context) -> str:
        await self._do("create", context.logical_id)
        physical_id = context.name()
        self.things[physical_id] = properties
        return physical_id

    async def update(self, _here: Here, physical_id: str, _old: Params, new: Params, context: Context) -> None:
        await self._do("update", context.logical_id)
        self.things[physical_id] = new

    async def delete(self, _here: Here, physical_id: str, _properties: Params, context: Context) -> None:
        await self._do("delete", context.logical_id)
        self.things.pop(physical_id, None)

    async def attributes(self, _here: Here, physical_id: str, properties: Params) -> Params:
        return {"Arn": f"arn:{physical_id}", "Nested": {"Size": len(properties)}}

    @property
    def types(self) -> dict[str, ResourceType]:
        common: Any = {
            "properties": frozenset({"Value", "Name", "Other", "Tags"}),
            "create": self.create,
            "delete": self.delete,
            "attributes": self.attributes,
        }
        thing = ResourceType(type_name=THING, update=self.update, replaces_on=frozenset({"Name"}), **common)
        fixed = ResourceType(type_name=FIXED, required=frozenset({"Value"}), **common)
        return {THING: thing, FIXED: fixed, "AWS::IAM::Role": thing, **RESOURCES}

    @property
    def values(self) -> list[Any]:
        return sorted(str(thing.get("Value")) for thing in self.things.values())


class Dispatch:
    """Requests to `cloudformation` run here; others are answered from `answers`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.answers: dict[tuple[str, str, str], Params] = {}

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        return self.cloud.types

    def call(self, here: Here, service: str, operation: str, params: Params) -> Params:
        raise NotImplementedError

    async def request(self, here: Here, service: str, operation: str, params: Params) -> Params:
        if service == "cloudformation":
            return await ask(here, operation, params)
        name = params.get("Name") or params.get("Key") or params.get("SecretId")
        found = self.answers.get((service, operation, str(name)))
        if found is None:
            raise AwsError.of("ParameterNotFound", f"no {name}")
        return found

    async def request_elsewhere(self, here: Here, service: str, operation: str, params: Params, region: str) -> Params:
        raise NotImplementedError

    def client(self, site: str) -> HttpClient:
        raise NotImplementedError


async def ask(here: Here, operation: str, params: Params) -> Params:
    import inspect

    from botocore import xform_name

    function = getattr(api, xform_name(operation))
    arguments = {xform_name(name): value for name, value in params.items()}
    if inspect.iscoroutinefunction(function):
        answer: Params = await function(here, **arguments)
        return answer
    return await here.transact(lambda at: function(at, **arguments))


class CrashingStore(Store):
    """Dies before or after its n-th transaction."""

    crash_at: int | None = None
    after = False
    count = 0

    async def transact(self, step: Callable[[Transaction], T]) -> T:
        self.count += 1
        dies = self.count == self.crash_at
        if dies and not self.after:
            raise Crash
        result = await super().transact(step)
        if dies:
            raise Crash
        return result


class Bench:
    def __init__(self, folder: Path) -> None:
        self.cloud = Cloud()
        self.clock = ManualClock()
        self.chance = SeededChance(1)
        self.folder = folder
        self.memory = MemoryEngine()
        self.dispatch = Dispatch(self.cloud)
        self.start()

    def start(self) -> None:
        """As after a crash: memory gone, what is durable still there."""
        self.store = CrashingStore(self.memory)
        self.here = Here(
            region="us-east-1",
            settings=WorldSettings(folder=str(self.folder), regions=("us-east-1",)),
            folder=self.folder,
            world=World(self.clock, self.chance),
            store=self.store,
            dispatch=self.dispatch,
        )

    async def ask(self, operation: str, **params: Any) -> Params:
        return await ask(self.here, operation, params)

    async def settle(self) -> None:
        """Do all the work there is."""
        while True:
            works = self.store.read(lambda tx: [msgspec.json.decode(one, type=Work) for one in tx.values(("work",))])
            if not works:
                return
            for work in works:
                assert work.kind == journal.ADVANCE
                await engine.advance(self.here, msgspec.json.decode(work.payload))
                await self._forget(work)

    async def _forget(self, work: Work) -> None:
        await self.store.transact(lambda tx: tx.delete(work.key))

    async def create(self, template: str, name: str = "s", **params: Any) -> Params:
        await self.ask("CreateStack", StackName=name, TemplateBody=template, **params)
        await self.settle()
        return await self.stack(name)

    async def update(self, template: str, name: str = "s", **params: Any) -> Params:
        await self.ask("UpdateStack", StackName=name, TemplateBody=template, **params)
        await self.settle()
        return await self.stack(name)

    async def delete(self, name: str = "s") -> Params:
        stack_id = (await self.stack(name))["StackId"]
        await self.ask("DeleteStack", StackName=name)
        await self.settle()
        return await self.stack(stack_id)

    async def stack(self, name: str = "s") -> Params:
        found: Params = (await self.ask("DescribeStacks", StackName=name))["Stacks"][0]
        return found

    async def outputs(self, name: str = "s") -> dict[str, str]:
        return {one["OutputKey"]: one["OutputValue"] for one in (await self.stack(name))["Outputs"]}

    async def events(self, name: str = "s") -> list[str]:
        found = (await self.ask("DescribeStackEvents", StackName=name))["StackEvents"]
        return [f"{one['LogicalResourceId']} {one['ResourceStatus']}" for one in reversed(found)]
