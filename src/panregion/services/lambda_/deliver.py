"""Getting a package: out of the request, or out of S3; onto the disk."""

from collections.abc import AsyncIterable
from typing import Any

from panregion.functions import BadPackage, Package
from panregion.services import Here
from panregion.services.lambda_.engine import engine_of
from panregion.services.lambda_.errors import RequestTooLargeException, invalid, unsupported
from panregion.wire import AwsError
from panregion.world.aside import aside

ZIP_MAX_BYTES = 50 * 1024 * 1024


async def package_of(here: Here, code: dict[str, Any]) -> Package:
    """The package that ZipFile, or S3Bucket and S3Key, mean; unpacked. Raises what AWS raises."""
    if code.get("ImageUri"):
        raise unsupported("container images")
    if code.get("ZipFile") is not None:
        content = code["ZipFile"]
        if len(content) > ZIP_MAX_BYTES:
            raise RequestTooLargeException(
                f"Request must be smaller than {ZIP_MAX_BYTES} bytes for the CreateFunction operation", Type="User"
            )
    elif code.get("S3Bucket") and code.get("S3Key"):
        content = await from_s3(here, code)
    else:
        raise invalid("Please provide a source for function code.")
    return await unpacked(here, content)


async def unpacked(here: Here, content: bytes) -> Package:
    """Store and unpack a zip. Raises InvalidParameterValueException."""
    if not content:
        raise invalid("Uploaded file must be a non-empty zip")
    try:
        return await aside(engine_of(here).code.put, content)
    except BadPackage as error:
        raise invalid(str(error)) from error


async def from_s3(here: Here, code: dict[str, Any]) -> bytes:
    params = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
    if code.get("S3ObjectVersion"):
        params["VersionId"] = code["S3ObjectVersion"]
    try:
        found = await here.request("s3", "GetObject", params)
    except AwsError as error:
        raise invalid(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        ) from error
    body = found["Body"]
    if isinstance(body, AsyncIterable):
        return b"".join([bytes(chunk) async for chunk in body])
    return bytes(body)
