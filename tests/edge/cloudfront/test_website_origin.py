"""A distribution in front of a bucket's website."""

from pathlib import Path

import pytest

from tests.edge.cloudfront.support import cache_policy, distribution
from tests.edge.cloudfront.world import cdn
from tests.services.cloudfront.support import behavior, origin
from tests.support import region_in


@pytest.mark.parametrize("form", ["s3-website-us-east-1", "s3-website.us-east-1"])
async def test_a_website_as_an_origin(tmp_path: Path, form: str) -> None:
    region = region_in(tmp_path / "region")
    await region.start()
    await region.ask("s3", "CreateBucket", {"Bucket": "site"})
    website = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
    await region.ask("s3", "PutBucketWebsite", {"Bucket": "site", "WebsiteConfiguration": website})
    for key in ("docs/index.html", "error.html"):
        params = {"Bucket": "site", "Key": key, "Body": key.encode(), "ContentType": "text/html"}
        await region.ask("s3", "PutObject", params)
    async with cdn(tmp_path / "edge") as world:
        world.a.script = region.gateway
        custom = {"OriginProtocolPolicy": "http-only"}
        website_origin = origin("a", f"site.{form}.amazonaws.com", custom=custom)
        world.tell(cache_policy(), distribution("E1", website_origin, DefaultCacheBehavior=behavior("a", "policy")))
        first, second = await world.ask("/docs/"), await world.ask("/docs/")
        assert (first.status, first.text, first.headers["content-type"]) == (200, "docs/index.html", "text/html")
        assert (first.x_cache, second.x_cache) == ("Miss from cloudfront", "Hit from cloudfront")
        moved = await world.ask("/docs")
        assert (moved.status, moved.headers["location"]) == (302, "/docs/")
        missing = await world.ask("/nothing")
        assert (missing.status, missing.text, missing.x_cache) == (404, "error.html", "Error from cloudfront")
    await region.stop()
