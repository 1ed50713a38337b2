"""Where Global Accelerator's points of presence are: where CloudFront's are, and near to whom. Pure."""

from panregion.edge.cloudfront.pops import nearest
from panregion.world.distance import Site, round_trip_between_ms, site

EVERYWHERE = "PriceClass_All"


def point_for(user: Site) -> str:
    """The point of presence at which a user's traffic enters AWS's network."""
    return nearest(user, EVERYWHERE).site.name


def distance_ms(point: str, region: str) -> float:
    """The round trip on the backbone from a point of presence; a region of unknown position is as far as can be."""
    here, there = site(point), site(region)
    return float("inf") if here is None or there is None else round_trip_between_ms(here, there)


def standing_points(regions: tuple[str, ...]) -> list[str]:
    """The points of presence nearest to a world's regions."""
    known = [found for found in map(site, regions) if found is not None]
    return list(dict.fromkeys(point_for(region) for region in known))
