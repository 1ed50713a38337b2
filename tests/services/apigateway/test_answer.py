"""What API Gateway adds to responses, and takes from them."""

import zlib
from typing import Any

import pytest

from tests.services.apigateway.lab import FUNCTION_ARN, Lab, proxy


def answering(headers: dict[str, Any], body: str = "x") -> Any:
    return lambda _: {"statusCode": 200, "headers": headers, "body": body}


async def test_headers_that_aws_keeps_for_itself_are_renamed(lab: Lab) -> None:
    lab.functions[FUNCTION_ARN] = answering(
        {"Date": "d", "WWW-Authenticate": "Basic", "Content-Length": "9", "Transfer-Encoding": "chunked", "X-Own": "o"}
    )
    headers = dict((await lab.get(await lab.api({"/": {"get": proxy()}}), "/")).headers)
    assert headers["x-amzn-Remapped-Date"] == "d"
    assert headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert headers["X-Own"] == "o"
    assert not {"Date", "WWW-Authenticate", "Content-Length", "Transfer-Encoding"} & set(headers)


@pytest.mark.parametrize(
    ("size", "accepted", "coding"),
    [(100, "gzip, br", "gzip"), (100, "deflate", "deflate"), (100, "br", None), (99, "gzip", None)],
)
async def test_large_answers_are_compressed_for_who_takes_it(
    lab: Lab, size: int, accepted: str, coding: str | None
) -> None:
    lab.functions[FUNCTION_ARN] = answering({}, "a" * size)
    api = await lab.api({"/": {"get": proxy()}}, **{"x-amazon-apigateway-minimum-compression-size": 100})
    answer = await lab.get(api, "/", headers=[("Accept-Encoding", accepted)])
    assert dict(answer.headers).get("Content-Encoding") == coding
    assert isinstance(answer.body, bytes)
    body = zlib.decompress(answer.body, wbits=47) if coding else answer.body
    assert body == b"a" * size


async def test_what_is_compressed_already_stays(lab: Lab) -> None:
    lab.functions[FUNCTION_ARN] = answering({"Content-Encoding": "br"}, "a" * 200)
    api = await lab.api({"/": {"get": proxy()}}, **{"x-amazon-apigateway-minimum-compression-size": 100})
    assert (await lab.get(api, "/", headers=[("Accept-Encoding", "gzip")])).body == b"a" * 200
