"""Where this code runs, where else the application is, and whose data may be in which place."""

import os

HERE = os.environ["AWS_REGION"]
REGIONS = os.environ.get("REGIONS", HERE).split(",")
OTHERS = [region for region in REGIONS if region != HERE]
DOMAIN = os.environ.get("DOMAIN_NAME", "food.test")


def in_europe(region: str) -> bool:
    return region.startswith("eu-")


def may_hold(region: str, jurisdiction: str) -> bool:
    """Whether a region may see the personal data of people of a jurisdiction ("US" or "EU")."""
    return jurisdiction != "EU" or in_europe(region)


def regional_url(region: str) -> str:
    """The order service of one region, whatever the others are doing."""
    return f"https://{region}.api.{DOMAIN}"
