"""What S3 hides in a host name: `photos.s3.eu-west-1.amazonaws.com/a.jpg` is `/photos/a.jpg`."""

import re

from panregion.world.http import Request

_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>.+?)\.(?:s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?|(?:s3\.)?(?:[a-z0-9-]+\.)?localhost(?:\.localstack\.cloud)?)"
)
_NO_BUCKET = re.compile(r"(?:s3|[a-z]{2}(?:-[a-z]+)+-\d|s3\.[a-z]{2}(?:-[a-z]+)+-\d)$")


def s3_path(request: Request) -> str:
    """The path with the bucket in front, whichever of S3's two styles the client has."""
    bucket = s3_bucket(request.host)
    return f"/{bucket}{request.path}" if bucket else request.path


def s3_bucket(host: str) -> str | None:
    """The bucket that a host name names, if one."""
    found = _VIRTUAL_HOST.fullmatch(host)
    if found is None or _NO_BUCKET.match(found["bucket"]):
        return None
    return found["bucket"]
