"""The commands of AWS's own CLI that do what a page does, to be typed where `panregion env` was. Pure."""

import shlex
from collections.abc import Mapping


def aws(operation: str, region: str, table: str, options: Mapping[str, str | None]) -> str:
    """`aws dynamodb <operation>` with the options that have a value."""
    given = {"region": region, "table-name": table, **options}
    words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    return shlex.join(["aws", "dynamodb", operation, *words])


def of_item(table: str, key: str) -> str:
    """The command that shows an item in every region."""
    return shlex.join(["panregion", "item", table, key])
