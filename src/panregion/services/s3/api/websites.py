"""A bucket's website configuration (what it does is in plane.py)."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.s3 import layout
from panregion.services.s3.errors import NoSuchWebsiteConfiguration
from panregion.services.s3.parameters import gathers, owned
from panregion.services.s3.website_checks import check_configuration

_digests = gathers("_digests", ("ContentMD5", "ChecksumAlgorithm"))


@owned
@_digests
def put_bucket_website(
    here: Here, bucket: str, website_configuration: dict[str, Any], _digests: dict[str, str]
) -> dict[str, Any]:
    check_configuration(website_configuration)
    layout.put_config(here.tx, bucket, layout.WEBSITE, website_configuration)
    return {}


@owned
@reads
def get_bucket_website(here: Here, bucket: str) -> dict[str, Any]:
    found: dict[str, Any] | None = layout.config(here.tx, bucket, layout.WEBSITE)
    if found is None:
        raise NoSuchWebsiteConfiguration(
            "The specified bucket does not have a website configuration", BucketName=bucket
        )
    return found


@owned
def delete_bucket_website(here: Here, bucket: str) -> dict[str, Any]:
    layout.delete_config(here.tx, bucket, layout.WEBSITE)
    return {}
