"""Services' own requests: names by the region's way out, AWS's over the link, addresses as they are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from panregion.services import web
from panregion.world import ClientError, ClientTimeout, HttpServer, Request, Response, serve
from panregion.world.settings import Ports
from tests.support import ServedRegion, region_in


class WayOut:
    """A region's proxy: it passes on what is known, and says of the rest that it is not."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.trouble = 0

    async def __call__(self, request: Request) -> Response:
        self.asked.append((request.method, request.target, request.header("host")))
        if self.trouble:
            return Response(self.trouble, [("X-Panregion-Place", "us-east-1")], b"bank.test is lost\n")
        return Response(502, [], b"the bank's own trouble")


@pytest.fixture
async def way_out() -> AsyncIterator[tuple[WayOut, HttpServer]]:
    proxy = WayOut()
    server = await serve(proxy, "127.0.1.2", 0)
    yield proxy, server
    await server.close()


async def test_a_name_is_asked_through_the_regions_way_out(tmp_path: Path, way_out: tuple[WayOut, HttpServer]) -> None:
    proxy, server = way_out
    region = region_in(tmp_path, ports=Ports(gateway=server.port))
    answer = await web.ask(region.here, "POST", "http://bank.test/pay?of=1", [], b"{}", timeout_s=5)
    assert (answer.status, answer.body) == (502, b"the bank's own trouble"), "what the server itself says is its answer"
    assert proxy.asked == [("POST", "/pay?of=1", "bank.test")]
    proxy.trouble = 502
    with pytest.raises(ClientError, match=r"^bank\.test is lost$"):
        await web.ask(region.here, "GET", "http://bank.test/", [], timeout_s=5)
    proxy.trouble = 504
    with pytest.raises(ClientTimeout, match=r"^bank\.test is lost$"):
        await web.ask(region.here, "GET", "http://bank.test/", [], timeout_s=5)
    with pytest.raises(ClientError, match=r"there is no way to https://bank\.test/"):
        await web.ask(region.here, "GET", "https://bank.test/", [], timeout_s=5)
    await region.stop()


def test_where_urls_lead(served: ServedRegion) -> None:
    here = served.region.here
    own = here.settings.endpoint("us-east-1")
    api = "abc.execute-api.us-east-1.amazonaws.com"
    assert web.route(here, f"https://{api}/prod?q=1") == ("us-east-1", f"{own}/prod?q=1", [("Host", api)])
    assert web.route(here, "https://x.lambda-url.us-east-1.on.aws")[:2] == ("us-east-1", f"{own}/")
    assert web.route(here, f"{own}/x") == ("us-east-1", f"{own}/x", [])
    for name in ("shop.example.com", "web-16.us-east-1.elb.amazonaws.com", "d1.cloudfront.net", "iam.amazonaws.com"):
        assert web.route(here, f"http://{name}/") == (web.WEB, f"http://{name}/", [])
    for local in ("http://localhost:8080/", "http://127.9.9.9/", "http://[::1]:80/"):
        assert web.route(here, local) == ("us-east-1", local, [])


@pytest.mark.parametrize("url", ["", "ftp://bank.test/", "http://", "http://bank.test:port/", "http://[::1/", "bank"])
def test_what_is_no_url_of_a_web_server(served: ServedRegion, url: str) -> None:
    with pytest.raises(ClientError):
        web.route(served.region.here, url)
