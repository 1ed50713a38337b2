"""Geolocation records without a default give no answer at all to users whom no location covers."""

from collections.abc import Iterator

from panregion.review.application import as_text, at
from panregion.review.findings import Finding, finding
from panregion.review.records import by_name
from panregion.review.scene import Scene


def geolocation_without_default(scene: Scene) -> Iterator[Finding]:
    """Groups of geolocation records of which none is for the country `*`."""
    for group in by_name(scene.records).values():
        routed = [record for record in group if record.policy == "geolocation"]
        if not routed or any(as_text(at(one.properties, "GeoLocation", "CountryCode")) == "*" for one in routed):
            continue
        first = routed[0]
        yield finding(
            first.resource,
            "weakens",
            f"no record of {first.name} is for CountryCode '*': users whom no location covers, and those of a location "
            "whose record is unhealthy, get no answer",
            "add a record with GeoLocation: {CountryCode: '*'} and a health check",
            *first.path,
            "GeoLocation",
        )
