"""Tables, items side by side, queries, writes and conflicts: what the pages say, and that data is shown as text."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest

from panregion.console.aws import Aws
from panregion.console.data import forms
from panregion.control.items import side_by_side
from panregion.region import Region
from panregion.store import MemoryEngine
from panregion.world import WorldSettings, direct_dial
from panregion.world.settings import Ports, Time
from tests.console.lab import REGIONS, Lab, read, status

US, EU = REGIONS
HOSTILE = "<script>alert(1)</script>\"'&"
KEY = '{"id":{"S":"a"}}'


@pytest.fixture
async def region(tmp_path: Path) -> AsyncIterator[Region]:
    """us-east-1 at its own address; the other region is away."""
    settings = WorldSettings(regions=REGIONS, folder=str(tmp_path), time=Time(table_transition_s=0.01))
    region = Region(US, settings, MemoryEngine(), lambda _site: direct_dial)
    await region.start()
    yield region
    await region.stop()


@pytest.fixture
async def desk(lab: Lab, region: Region) -> Lab:
    """A console that has that region, with a table that the world's control tells of."""
    port = await region.serve("127.0.1.1", 0)
    lab.site.aws = Aws(WorldSettings(regions=REGIONS, ports=Ports(gateway=port), folder=lab.site.settings.folder))
    lab.world.answers["GET /status"] = status(eu_west_1="killed")
    await region.ask(
        "dynamodb",
        "CreateTable",
        {
            "TableName": "carts",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
    )
    while (await region.ask("dynamodb", "DescribeTable", {"TableName": "carts"}))["Table"]["TableStatus"] != "ACTIVE":
        await region.here.world.clock.sleep(0.01)
    return lab


def image(text: str | None, written_ms: int, origin: str) -> dict[str, Any]:
    item = None if text is None else {"id": {"S": "a"}, "text": {"S": text}}
    told = {"place": "aa", "key": {"id": {"S": "a"}} if item else None, "item": item, "size_bytes": 9}
    return {**told, "version": f"{written_ms}.0@{origin}", "region": origin, "written_ms": written_ms}


def regions(**images: dict[str, Any] | None) -> dict[str, Any]:
    """What control tells of a table with one item, by region; None: that region has no such item."""
    page: dict[str, Any] = {"table": "carts", "replication": "eventual", "key": ["id"], "until": None}
    pages: dict[str, dict[str, Any] | None] = {
        name.replace("_", "-"): {**page, "items": [] if found is None else [found]} for name, found in images.items()
    }
    return side_by_side(pages)


async def put(region: Region, **item: Any) -> None:
    await region.ask("dynamodb", "PutItem", {"TableName": "carts", "Item": item})


async def test_tables_of_the_regions_that_answer(desk: Lab, region: Region) -> None:
    await put(region, id={"S": "a"})
    code, text = await desk.get("/data")
    assert code == 200
    assert "carts none us-east-1 1 3 B none nobody" in read(text)
    assert 'href="/data/carts"' in text
    assert "panregion lag" in text


async def test_without_tables_it_says_what_to_type(lab: Lab) -> None:
    lab.world.answers["GET /status"] = {**status(), "regions": []}
    assert "panregion deploy template.yaml" in read((await lab.get("/data"))[1])


async def test_differences_are_told_in_words_and_versions_with_them(lab: Lab) -> None:
    lab.world.answers["GET /items"] = regions(us_east_1=image("old", 5000, US), eu_west_1=image("new", 9000, EU))
    text = read((await lab.get("/data/carts"))[1])
    assert "≠" not in text  # which the style adds
    assert "1 of 1 items of this page are not the same in every region" in text
    assert re.search(r"older us-east-1, \d+ days old, 00:00:05\.000", text)
    assert re.search(r"newest eu-west-1, \d+ days old, 00:00:09\.000", text)
    lab.world.answers["GET /items"] = regions(us_east_1=image("x", 5000, US), eu_west_1=None)
    assert "missing here" in read((await lab.get("/data/carts"))[1])


async def test_only_those_that_differ_when_the_address_says_so(lab: Lab) -> None:
    same = image("same", 5000, US)
    lab.world.answers["GET /items"] = regions(us_east_1=same, eu_west_1=same)
    assert "same" in (await lab.get("/data/carts"))[1]
    assert "No item of this page differs" in read((await lab.get("/data/carts?show=different"))[1])


async def test_the_part_that_follows_the_world_comes_by_itself(lab: Lab) -> None:
    lab.world.answers["GET /items"] = regions(us_east_1=image("x", 5000, US))
    _, text = await lab.get("/data/carts", x_part="items")
    assert "<html" not in text
    assert "<table" in text


async def test_hostile_data_is_text(lab: Lab) -> None:
    found = regions(us_east_1=image(HOSTILE, 5000, US), eu_west_1=image("x", 4000, EU))
    lab.world.answers["GET /items"] = found
    entry = {"table": HOSTILE, "found_by": US, "found_ms": 1, "loser": written(HOSTILE), "winner": written("kept")}
    lab.world.answers["GET /conflicts"] = [entry]
    hostile_name = f"/data/{quote(HOSTILE, safe='')}"
    for page in ("/data/carts", f"/data/carts/item?key={quote(KEY)}", "/conflicts", hostile_name):
        _, text = await lab.get(page)
        assert "<script>alert" not in text, page
        assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in text, page


def written(text: str) -> dict[str, Any]:
    return {"region": US, "written_ms": 5, "version": "5.0@us-east-1", "item": {"id": {"S": "a"}, "text": {"S": text}}}


async def test_an_items_attributes_side_by_side(lab: Lab) -> None:
    lab.world.answers["GET /items"] = regions(us_east_1=image("old", 5000, US), eu_west_1=image("new", 9000, EU))
    code, text = await lab.get(f"/data/carts/item?key={quote(KEY)}&region={EU}")
    assert code == 200
    seen = read(text)
    assert "text S old new" in seen
    assert "Origin us-east-1 eu-west-1" in seen
    assert 'panregion item carts \'{"id":{"S":"a"}}\'' in seen
    assert '"new"' in html.unescape(text[text.index("<textarea") :])
    assert text.count('class="differs"') == 1


async def test_a_new_item_begins_with_the_tables_key(desk: Lab) -> None:
    _, text = await desk.get("/data/carts/item")
    assert '"id": {' in html.unescape(text)


async def test_putting_and_deleting_as_a_user_of_a_region(desk: Lab, region: Region) -> None:
    given = {"region": US, "table": "carts", "item": '{"id": {"S": "it\'s"}, "b": {"B": "AAE="}}'}
    answer = msgspec.json.decode(bytes((await desk.post("/actions/put-item", given, accept="application/json")).body))  # type: ignore[arg-type]
    assert answer["command"].startswith("aws dynamodb put-item --region us-east-1 --table-name carts --item ")
    kept = await region.ask("dynamodb", "GetItem", {"TableName": "carts", "Key": {"id": {"S": "it's"}}})
    assert kept["Item"]["b"] == {"B": "AAE="}
    again = {**given, "condition": "attribute_not_exists(id)"}
    assert await refused(desk, again) == "ConditionalCheckFailedException: The conditional request failed"
    given = {"region": US, "table": "carts", "key": '{"id": {"S": "it\'s"}}'}
    asked = await desk.post("/actions/delete-item", given)
    assert b"Delete the item?" in bytes(asked.body)  # type: ignore[arg-type]
    assert (await desk.post("/actions/delete-item", {**given, "confirmed": "yes"})).status == 303
    assert "Item" not in await region.ask("dynamodb", "GetItem", {"TableName": "carts", "Key": {"id": {"S": "it's"}}})


async def refused(desk: Lab, form: dict[str, str]) -> str:
    response = await desk.post("/actions/put-item", form, accept="application/json")
    assert response.status == 400
    return str(msgspec.json.decode(bytes(response.body))["message"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"item": "{"}, "item: Input data was truncated; it is a JSON object"),
        ({"item": '{"id": {"S": "a"}, "b": {"B": "-"}}'}, "item, b: a binary value is written as base64"),
        ({"region": "eu-north-1"}, "'eu-north-1' is not a region of this world"),
        ({"table": "absent"}, "ResourceNotFoundException: Requested resource not found"),
        ({"values": "[]"}, "attribute values: Expected `object`"),
    ],
)
async def test_what_cannot_be_put_is_told_as_aws_tells_it(desk: Lab, change: dict[str, str], said: str) -> None:
    form = {"region": US, "table": "carts", "item": KEY, **change}
    assert (await refused(desk, form)).startswith(said)


async def query(desk: Lab, **given: str) -> str:
    return (await desk.get(f"/data/carts/query?{urlencode({'region': US, **given})}"))[1]


async def test_a_query_is_its_address(desk: Lab, region: Region) -> None:
    for number in range(3):
        await put(region, id={"S": f"{number}"}, text={"S": HOSTILE}, b={"B": "AAE="})
    text = await query(desk, operation="query", condition="id = :id", values='{":id": {"S": "1"}}')
    assert "1 of 1 read" in read(text)
    assert "<script>alert" not in text
    assert "AAE=" in text
    assert "aws dynamodb query --region us-east-1 --table-name carts --key-condition-expression 'id = :id'" in read(
        text
    )
    text = await query(desk, operation="scan", limit="2")
    assert "2 of 2 read" in read(text)
    (after,) = (part.partition('"')[0] for part in text.split('href="')[1:] if "start=" in part.partition('"')[0])
    assert "1 of 1 read" in read((await desk.get(html.unescape(after)))[1])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"condition": "nothing"}, "ValidationException : Invalid KeyConditionExpression: Syntax error"),
        ({"index": "absent", "condition": "id = :x"}, "ValidationException :"),
        ({"values": "{"}, "Not sent : values: Input data was truncated"),
        ({"condition": "id = :x", "limit": "many"}, "Not sent : limit: a whole number, such as 50"),
        ({"region": EU, "condition": "id = :x"}, "No answer : eu-west-1 does not answer"),
    ],
)
async def test_a_querys_errors_are_awss(desk: Lab, given: dict[str, str], said: str) -> None:
    assert said in read(await query(desk, operation="query", **given))


async def test_both_images_of_a_conflict_and_the_tables_to_choose_from(lab: Lab) -> None:
    told = {"found_by": EU, "found_ms": 6}
    deletion = {**written("x"), "item": None, "region": EU}
    lab.world.answers["GET /conflicts"] = [
        {"table": "carts", **told, "loser": written("lost"), "winner": written("kept")},
        {"table": "other", **told, "loser": written("vanished"), "winner": deletion},
    ]
    seen = read((await lab.get("/conflicts"))[1])
    assert "2 writes were overwritten" in seen
    assert "text lost kept" in seen
    assert "Image an item a deletion" in seen
    seen = read((await lab.get("/conflicts?table=carts"))[1])
    assert "1 write was overwritten in carts" in seen
    assert "vanished" not in seen


async def test_no_conflicts_says_how_to_make_one(lab: Lab) -> None:
    lab.world.answers["GET /conflicts"] = []
    assert "panregion cut us-east-1 eu-west-1" in read((await lab.get("/conflicts"))[1])


def test_binary_values_are_base64_to_people_and_bytes_to_awss_client() -> None:
    text = '{"b":{"B":"AAE="},"s":{"BS":["AA=="]},"m":{"M":{"x":{"L":[{"B":"AQ=="}]}}}}'
    value = forms.read(text, "item")
    assert value == {"b": {"B": b"\0\1"}, "s": {"BS": [b"\0"]}, "m": {"M": {"x": {"L": [{"B": b"\1"}]}}}}
    assert forms.written(value) == text


def test_values_in_few_words() -> None:
    assert forms.short({"S": "a"}) == "a"
    assert forms.short({"N": "1.50"}) == "1.50"
    assert forms.short({"M": {"x": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}]}}}) == '{"x":[1,true,null]}'
    assert forms.short({"B": b"\0"}) == "AA=="
