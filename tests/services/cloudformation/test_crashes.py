"""A region that dies at every step of an operation, and failures at every step: the end is the same as without.

Each case counts the transactions of an undisturbed run, then repeats it once per transaction with a crash before
or after it, restarts on what is durable, and compares stacks, resources and the things that exist.
"""

import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.services.cloudformation.bench import Bench, Crash

OLD = """
Resources:
  A: {Type: Test::Thing, Properties: {Name: x, Value: 1}}
  B: {Type: Test::Thing, Properties: {Value: !GetAtt A.Arn}}
  C: {Type: Test::Thing, DependsOn: B}
  R: {Type: Test::Thing, DeletionPolicy: Retain}
Outputs: {O: {Value: !Ref B, Export: {Name: o}}}
"""
NEW = """
Resources:
  A: {Type: Test::Thing, Properties: {Name: y, Value: 1}}
  B: {Type: Test::Thing, Properties: {Value: !GetAtt A.Arn}}
  D: {Type: Test::Thing, DependsOn: B, Properties: {Value: d}}
  R: {Type: Test::Thing, DeletionPolicy: Retain, Properties: {Value: r}}
Outputs: {O: {Value: !Ref A, Export: {Name: o}}}
"""

Setting = tuple[str, set[tuple[str, str]]]
SETTINGS: dict[str, Setting] = {
    "create": ("create", set()),
    "create that fails": ("create", {("create", "C")}),
    "update": ("update", set()),
    "update that fails": ("update", {("create", "D")}),
    "update whose cleanup fails": ("update", {("delete", "C")}),
    "delete": ("delete", set()),
    "delete that fails": ("delete", {("delete", "B")}),
}


async def prepare(bench: Bench, action: str, fails: set[tuple[str, str]]) -> None:
    if action != "create":
        await bench.create(OLD)
    bench.cloud.fails |= fails
    bench.store.count = 0


def begin(bench: Bench, action: str) -> Awaitable[Any]:
    return {
        "create": lambda: bench.ask("CreateStack", StackName="s", TemplateBody=OLD, ClientRequestToken="t"),
        "update": lambda: bench.ask("UpdateStack", StackName="s", TemplateBody=NEW),
        "delete": lambda: bench.ask("DeleteStack", StackName="s"),
    }[action]()


def shape(bench: Bench, text: Any) -> Any:
    """Without the random parts."""
    if isinstance(text, str):
        return text.rsplit("-", 1)[0]
    return text


async def outcome(bench: Bench) -> Any:
    stacks = (await bench.ask("ListStacks"))["StackSummaries"]
    resources: dict[str, Any] = {}
    for stack in stacks:
        found = (await bench.ask("ListStackResources", StackName=stack["StackId"]))["StackResourceSummaries"]
        resources |= {
            one["LogicalResourceId"]: (one["ResourceStatus"], shape(bench, one.get("PhysicalResourceId")))
            for one in found
        }
    things = sorted(
        (shape(bench, name), shape(bench, str(thing.get("Value")))) for name, thing in bench.cloud.things.items()
    )
    exports = [shape(bench, one["Value"]) for one in (await bench.ask("ListExports"))["Exports"]]
    return [stack["StackStatus"] for stack in stacks], resources, things, exports


async def run(bench: Bench, action: str) -> None:
    await begin(bench, action)
    await bench.settle()


@pytest.mark.parametrize("name", SETTINGS)
async def test_the_end_is_the_same_whenever_the_region_dies(tmp_path: Path, name: str) -> None:
    action, fails = SETTINGS[name]
    undisturbed = Bench(tmp_path)
    await prepare(undisturbed, action, fails)
    await run(undisturbed, action)
    steps = undisturbed.store.count
    expected = await outcome(undisturbed)
    assert steps > 5
    for crash_at, after in itertools.product(range(1, steps + 1), (False, True)):
        bench = Bench(tmp_path)
        await prepare(bench, action, fails)
        bench.store.crash_at, bench.store.after = crash_at, after
        await until_crash(lambda bench=bench: run(bench, action))  # type: ignore[misc]
        bench.start()
        if crash_at == 1 and not after:  # the request itself was lost: its client asks again
            await begin(bench, action)
        await bench.settle()
        assert await outcome(bench) == expected, f"crash {'after' if after else 'before'} transaction {crash_at}"


async def until_crash(do: Callable[[], Awaitable[None]]) -> None:
    with pytest.raises(Crash):
        await do()


@pytest.mark.parametrize("verb", ["create", "update", "delete"])
@pytest.mark.parametrize("victim", ["A", "B", "C", "D", "R"])
async def test_a_failure_anywhere_leaves_the_old_or_the_new(tmp_path: Path, verb: str, victim: str) -> None:
    bench = Bench(tmp_path)
    await bench.create(OLD)
    old = bench.cloud.values
    bench.cloud.fails.add((verb, victim))
    stack = await bench.update(NEW)
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        assert verb == "update", "only an update can stand in the way of undoing it"
        bench.cloud.fails.clear()
        await bench.ask("ContinueUpdateRollback", StackName="s")
        await bench.settle()
        stack = await bench.stack()
    assert stack["StackStatus"] in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    leaked = 1 if verb == "delete" and victim in ("A", "C") else 0
    if stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE":
        assert bench.cloud.values == old
    else:
        assert len(bench.cloud.things) == 4 + leaked
