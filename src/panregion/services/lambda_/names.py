"""The forms in which a function may be named. Pure.

my-function            my-function:qualifier
123456789012:function:my-function[:qualifier]
arn:aws:lambda:us-east-1:123456789012:function:my-function[:qualifier]
"""

import re

from panregion.services.lambda_.errors import ResourceNotFoundException, invalid

NAME = re.compile(
    r"(?:arn:aws[\w-]*:lambda:(?P<region>[\w-]+):(?P<account>\d{12}):function:"
    r"|(?P<partial_account>\d{12}):function:|function:)?"
    r"(?P<name>[\w-]{1,64})(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)
LATEST = "$LATEST"


def parse(function_name: str, qualifier: str | None, region: str) -> tuple[str, str | None]:
    """The function's plain name and its qualifier, if any. Raises what AWS raises."""
    found = NAME.fullmatch(function_name)
    if found is None:
        raise invalid(f"Invalid function name: {function_name}")
    if found["region"] not in (None, region):
        raise ResourceNotFoundException(
            f"Functions from '{found['region']}' are not reachable in this region ('{region}')", Type="User"
        )
    given = found["qualifier"]
    if given is not None and qualifier is not None and given != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    return found["name"], qualifier or given


LAYER = re.compile(r"(?:arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:)?(?P<name>[\w-]{1,140})(?::(?P<version>\d+))?")


def parse_layer(text: str) -> tuple[str, int | None]:
    """A layer's plain name, and the version where the text is a version's ARN."""
    found = LAYER.fullmatch(text)
    if found is None:
        raise invalid(f"Invalid layer name: {text}")
    return found["name"], int(found["version"]) if found["version"] else None
