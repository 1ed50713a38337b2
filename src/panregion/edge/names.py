"""Names that AWS itself answers for: those of its endpoints in each region.

Any name below amazonaws.com (or on.aws) with a region of this world among its labels leads to that region's address:
`abc123.execute-api.eu-west-1.amazonaws.com`, `dynamodb.eu-west-1.amazonaws.com`. Names of AWS without a region
(`iam.amazonaws.com`) lead to the home of the global services. Regions outside this world do not exist.
"""

from panregion.world import WorldSettings

SUFFIXES = (".amazonaws.com.", ".on.aws.")
TTL_S = 60
GLOBAL_HOME = "us-east-1"
REGION_PARTS_MIN = 3


def is_aws(name: str) -> bool:
    """Whether the name is one of AWS's own."""
    return name.endswith(SUFFIXES)


def address_of(name: str, settings: WorldSettings) -> str | None:
    """The address that one of AWS's own names leads to; None where it does not exist."""
    if not is_aws(name):
        return None
    labels = name.rstrip(".").split(".")
    for label in labels:
        if label in settings.regions:
            return settings.address(label)
        website = label.removeprefix("s3-website-")
        if website in settings.regions:
            return settings.address(website)
    if any(_looks_like_region(label) for label in labels):
        return None
    return settings.address(settings.home(GLOBAL_HOME))


def _looks_like_region(label: str) -> bool:
    parts = label.split("-")
    return len(parts) >= REGION_PARTS_MIN and parts[-1].isdigit() and len(parts[0]) == 2
