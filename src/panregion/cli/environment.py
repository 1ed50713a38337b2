"""The variables that make ordinary tools part of a world: AWS's endpoint and keys, a city's proxy, the authority."""

from panregion.cli.world import one_of, place_proxy
from panregion.world import WorldSettings
from panregion.world.tls import CERTIFICATE

DIRECT = "127.0.0.1,localhost,127.0.0.0/8"
"""What needs no proxy: AWS's endpoints of the world, for whoever stands outside of it."""

AUTHORITY_VARIABLES = ("AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
"""Where the AWS SDKs, curl, Python's requests, OpenSSL and Node.js look for certificates to trust."""


def environment(settings: WorldSettings, region: str | None, city: str | None) -> dict[str, str]:
    """Variables for a process that speaks to `region` (or the front door), from `city` if given.

    Raises UsageFailure for a region or city that is not in the world.
    """
    chosen = one_of("region", region, list(settings.regions)) if region else settings.regions[0]
    gateway = f"http://127.0.0.1:{settings.ports.gateway}"
    variables = {
        "AWS_ENDPOINT_URL": settings.endpoint(chosen) if region else gateway,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": chosen,
        "AWS_DEFAULT_REGION": chosen,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
    if city:
        proxy = place_proxy(settings, city)
        for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
            variables[name] = proxy
        variables |= {"no_proxy": DIRECT, "NO_PROXY": DIRECT, "PANREGION_PLACE": city}
        variables |= authority_variables(settings)
    return variables


def authority_variables(settings: WorldSettings) -> dict[str, str]:
    """What makes the usual clients trust this world's authority; a city's proxy leads nowhere else."""
    return dict.fromkeys(AUTHORITY_VARIABLES, str(settings.path / CERTIFICATE))
