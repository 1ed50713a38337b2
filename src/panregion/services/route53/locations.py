"""The geographic locations that AWS supports for geolocation records."""

from typing import Any

from panregion.services.here import Here
from panregion.services.route53.errors import InvalidInput, NoSuchGeoLocation
from panregion.services.route53.geography import areas, find
from panregion.services.route53.paging import page_size
from panregion.services.service import reads


@reads
def get_geo_location(
    _here: Here, continent_code: str = "", country_code: str = "", subdivision_code: str = ""
) -> dict[str, Any]:
    if continent_code and country_code:
        raise InvalidInput("Invalid request: a ContinentCode cannot be used with a CountryCode")
    if subdivision_code and not country_code:
        raise InvalidInput("Invalid request: a SubdivisionCode needs a CountryCode")
    country = country_code or ("" if continent_code else "*")
    area = find(continent_code, country, subdivision_code)
    if area is None:
        raise NoSuchGeoLocation("The specified geographic location is not supported by Amazon Route 53.")
    return {"GeoLocationDetails": area.describe()}


@reads
def list_geo_locations(
    _here: Here,
    start_continent_code: str = "",
    start_country_code: str = "",
    start_subdivision_code: str = "",
    max_items: str | int = 100,
) -> dict[str, Any]:
    size = page_size(max_items)
    codes = list(areas())
    start = (start_continent_code, start_country_code, start_subdivision_code)
    if any(start) and start not in areas():
        raise InvalidInput("Invalid request: there is no such geographic location to start from")
    begin = codes.index(start) if any(start) else 0
    found = codes[begin : begin + size + 1]
    page: dict[str, Any] = {
        "GeoLocationDetailsList": [areas()[code].describe() for code in found[:size]],
        "IsTruncated": len(found) > size,
        "MaxItems": str(size),
    }
    if len(found) > size:
        names = ("NextContinentCode", "NextCountryCode", "NextSubdivisionCode")
        page |= {name: code for name, code in zip(names, found[size], strict=True) if code}
    return page
