"""Items of every region as a table: a line for each region, the key once."""

from rich.console import Console

from panregion.cli.item import items_table
from panregion.control.items import row

US, EU = "us-east-1", "eu-west-1"


def test_a_line_for_each_region_with_state_version_origin_and_age() -> None:
    key = {"id": {"S": "[red]a"}}
    image = {"place": "aa", "key": key, "item": {**key, "text": {"S": "x" * 200}}, "size_bytes": 9}
    image |= {"version": f"5000.0@{EU}", "region": EU, "written_ms": 5000}
    found = {"rows": [row("aa", {EU: image}, [US, EU], {US, EU})]}
    console = Console(width=240, record=True)
    with console.capture() as captured:
        console.print(items_table(found, 6.5))
    _, first, second = captured.get().splitlines()
    assert '{"id":{"S":"[red]a"}}' in first
    assert first.split()[1:] == [US, "missing"]
    assert second.split()[:5] == [EU, "newest", f"5000.0@{EU}", EU, "1.5"]
    assert second.rstrip().endswith("…")
