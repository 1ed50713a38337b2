"""A page in a browser calls DynamoDB: it asks first, and may read what comes back."""

from panregion.region import Region
from panregion.world import Request

SCOPE = "AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"


def call(*more: tuple[str, str]) -> Request:
    headers = [("Host", "127.0.0.1"), ("X-Amz-Target", "DynamoDB_20120810.ListTables"), ("Authorization", SCOPE)]
    return Request("POST", "/", headers=[*headers, *more], body=b"{}")


async def test_a_page_may_ask(region: Region) -> None:
    asked = "authorization,content-type,x-amz-date,x-amz-target"
    headers = [
        ("Host", "127.0.0.1"),
        ("Origin", "https://example.com"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", asked),
    ]
    answer = await region.gateway(Request("OPTIONS", "/", headers=headers))
    assert (answer.status, answer.body) == (200, b"")
    assert dict(answer.headers) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": asked,
        "Access-Control-Max-Age": "172800",
    }
    other = [*headers[:3], ("Access-Control-Request-Headers", "x-mine")]
    assert (await region.gateway(Request("OPTIONS", "/", headers=other))).status == 404


async def test_a_page_may_read_the_answer(region: Region) -> None:
    for _ in range(2):  # also once such requests have a lane
        assert "Access-Control-Allow-Origin" not in dict((await region.gateway(call())).headers)
        page = dict((await region.gateway(call(("Origin", "https://example.com")))).headers)
        assert page["Access-Control-Allow-Origin"] == "*"
        assert "x-amzn-RequestId" in page["Access-Control-Expose-Headers"].split(",")
    wrong = call(("Origin", "https://example.com"))
    wrong.body = b"{"
    refused = await region.gateway(wrong)
    assert (refused.status, dict(refused.headers)["Access-Control-Allow-Origin"]) == (400, "*")
