"""AWS's own client of a region of this world, for whoever here asks a region as its customers do.

boto3 is imported on demand: that takes longer than most commands run. Its default session is not to be used by two
threads at once, and clients are made in threads here, so one is made at a time; what is made may be used by any.
"""

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config

KEY = "test"
_one_at_a_time = threading.Lock()


def aws_client(service: str, region: str, endpoint: str, config: "Config | None" = None, key: str = KEY) -> Any:
    """boto3's client of a service ("dynamodb"); `key` stands for both halves of the access key. It blocks."""
    import boto3

    with _one_at_a_time:
        return boto3.client(service, config=config, **_there(region, endpoint, key))  # type: ignore[call-overload]


def aws_resource(service: str, region: str, endpoint: str, config: "Config | None" = None) -> Any:
    """boto3's resource of a service, such as dynamodb's with its Table. It blocks."""
    import boto3

    with _one_at_a_time:
        return boto3.resource(service, config=config, **_there(region, endpoint, KEY))  # type: ignore[call-overload]


def _there(region: str, endpoint: str, key: str) -> dict[str, str]:
    keys = {"aws_access_key_id": key, "aws_secret_access_key": key}
    return {"region_name": region, "endpoint_url": endpoint, **keys}
