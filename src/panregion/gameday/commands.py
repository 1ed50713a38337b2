"""Command lines of a game day's file: what they find in their environment."""

from panregion.world import WorldSettings
from panregion.world.tls import CERTIFICATE


def environment(settings: WorldSettings, region: str = "") -> dict[str, str]:
    """AWS's tools speak to that region of the world; to its front door if none is named."""
    chosen = region or settings.regions[0]
    front_door = f"http://127.0.0.1:{settings.ports.gateway}"
    return {
        "AWS_ENDPOINT_URL": settings.endpoint(region) if region else front_door,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": chosen,
        "AWS_DEFAULT_REGION": chosen,
        "AWS_CA_BUNDLE": str(settings.path / CERTIFICATE),
    }


def told(code: int, stdout: bytes, stderr: bytes) -> str:
    """Why a command failed, in words."""
    return f"exit code {code}: {(stderr or stdout).decode(errors='replace').strip()}"
