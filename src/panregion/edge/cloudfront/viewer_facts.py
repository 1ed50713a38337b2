"""What CloudFront knows of a viewer, as the CloudFront-* headers tell it. Pure.

Headers of which this world knows nothing (the autonomous system, the metropolitan and postal codes, the time zone) are
left out, as CloudFront leaves out what it cannot tell.
"""

import re
from dataclasses import dataclass

from panregion.world.distance import Site

COUNTRY_NAMES = {
    "AE": "United Arab Emirates",
    "AR": "Argentina",
    "AT": "Austria",
    "AU": "Australia",
    "BE": "Belgium",
    "BH": "Bahrain",
    "BR": "Brazil",
    "CA": "Canada",
    "CH": "Switzerland",
    "CL": "Chile",
    "CN": "China",
    "CO": "Colombia",
    "DE": "Germany",
    "DK": "Denmark",
    "EG": "Egypt",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "GR": "Greece",
    "HK": "Hong Kong",
    "ID": "Indonesia",
    "IE": "Ireland",
    "IL": "Israel",
    "IN": "India",
    "IT": "Italy",
    "JP": "Japan",
    "KE": "Kenya",
    "KR": "South Korea",
    "MX": "Mexico",
    "NG": "Nigeria",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "PE": "Peru",
    "PL": "Poland",
    "PT": "Portugal",
    "SE": "Sweden",
    "SG": "Singapore",
    "TH": "Thailand",
    "TR": "Turkey",
    "US": "United States",
    "ZA": "South Africa",
}
SMART_TV = re.compile(r"smart-?tv|googletv|appletv|hbbtv|netcast|roku|aftb|bravia", re.IGNORECASE)
TABLET = re.compile(r"ipad|tablet|kindle|silk|playbook", re.IGNORECASE)
MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|blackberry", re.IGNORECASE)
IOS = re.compile(r"iphone|ipad|ipod", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: from which address, where that is, and how the connection was made."""

    address: str
    port: int
    site: Site
    is_tls: bool
    tls: str = ""
    """Version and cipher, as CloudFront-Viewer-TLS tells them."""

    @property
    def scheme(self) -> str:
        return "https" if self.is_tls else "http"


def viewer_headers(viewer: Viewer, user_agent: str, minor: int) -> dict[str, str]:
    """The CloudFront-* headers, under their lower-case names."""
    site = viewer.site
    made = {
        "cloudfront-forwarded-proto": viewer.scheme,
        "cloudfront-viewer-address": f"{viewer.address}:{viewer.port}",
        "cloudfront-viewer-city": site.city.replace("-", " ").title(),
        "cloudfront-viewer-country": site.country,
        "cloudfront-viewer-http-version": f"1.{minor}",
        "cloudfront-viewer-latitude": f"{site.latitude:.5f}",
        "cloudfront-viewer-longitude": f"{site.longitude:.5f}",
    }
    if site.country in COUNTRY_NAMES:
        made["cloudfront-viewer-country-name"] = COUNTRY_NAMES[site.country]
    if site.subdivision:
        made["cloudfront-viewer-country-region"] = site.subdivision
    if viewer.tls:
        made["cloudfront-viewer-tls"] = viewer.tls
    return made | _device(user_agent)


def _device(user_agent: str) -> dict[str, str]:
    is_tv = bool(SMART_TV.search(user_agent))
    android = "android" in user_agent.lower()
    is_tablet = not is_tv and bool(TABLET.search(user_agent) or (android and not MOBILE.search(user_agent)))
    is_mobile = not is_tv and not is_tablet and bool(MOBILE.search(user_agent))
    device = {
        "android": android,
        "desktop": not (is_tv or is_tablet or is_mobile),
        "ios": bool(IOS.search(user_agent)),
        "mobile": is_mobile,
        "smarttv": is_tv,
        "tablet": is_tablet,
    }
    return {f"cloudfront-is-{name}-viewer": str(value).lower() for name, value in device.items()}
