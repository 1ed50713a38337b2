"""A region to ask DynamoDB of, in short words."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from panregion.region import Region
from panregion.wire import AwsError

Output = dict[str, Any]


def plain(value: Any) -> Any:
    """An output as a client sees it: items that are encoded already are decoded."""
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


class DynamoDb:
    """`await db.put_item(TableName=..., ...)`, for every operation."""

    def __init__(self, region: Region) -> None:
        self.region = region

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = "".join(word.capitalize() for word in name.split("_"))

        async def ask(**params: Any) -> Output:
            output: Output = plain(await self.region.ask("dynamodb", operation, params))
            return output

        return ask

    async def table(self, name: str, *key: str, **options: Any) -> str:
        """A table, ready: `key` are attributes with their types, as `pk:S`."""
        pairs = [attribute.split(":") for attribute in key]
        extra = [attribute.split(":") for attribute in options.pop("others", ())]
        await self.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in [*pairs, *extra]],
            KeySchema=schema(*(n for n, _ in pairs)),
            **{"BillingMode": "PAY_PER_REQUEST", **options},
        )
        await self.settled(name)
        return name

    async def settled(self, name: str) -> Output:
        """The table's description once nothing about it changes any more."""
        for _ in range(500):
            table: Output = (await self.describe_table(TableName=name))["Table"]
            indexes = table.get("GlobalSecondaryIndexes", [])
            if table["TableStatus"] == "ACTIVE" and all(i["IndexStatus"] == "ACTIVE" for i in indexes):
                return table
            await self.region.here.world.clock.sleep(0.01)
        raise AssertionError(f"{name} does not settle")


def schema(*names: str) -> list[Output]:
    kinds = ("HASH", "RANGE")
    return [{"AttributeName": n, "KeyType": kind} for n, kind in zip(names, kinds, strict=False)]


def index(name: str, *names: str, projection: str = "ALL", include: tuple[str, ...] = ()) -> Output:
    chosen: Output = {"ProjectionType": projection}
    if include:
        chosen["NonKeyAttributes"] = list(include)
    return {"IndexName": name, "KeySchema": schema(*names), "Projection": chosen}


async def refusal(asking: Any) -> str:
    """What an operation is refused with: the error's code and its message."""
    with pytest.raises(AwsError) as refused:
        await asking
    return f"{refused.value.code}: {refused.value.message}"
