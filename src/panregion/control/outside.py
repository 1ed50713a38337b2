"""Starting the services outside every region: programs of the world file's own (`[outside]`), told where to serve."""

from pathlib import Path

from panregion.world import WorldSettings
from panregion.world.process import Process, spawn
from panregion.world.tls import write_certificate


async def start_outside(settings: WorldSettings, name: str, log_path: Path) -> Process:
    """Start a service's program. Raises OSError where it cannot be run."""
    service = settings.outside[name]
    folder = settings.path / "outside" / name
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = write_certificate(settings.path, name, folder)
    told = {
        "HOST": settings.outside_address(name),
        "PORT": str(settings.ports.gateway),
        "TLS_PORT": str(settings.ports.tls),
        "TLS_CERTIFICATE": str(certificate),
        "TLS_KEY": str(key),
        "STATE_FOLDER": str(folder),
    }
    return await spawn(service.command, log_path=log_path, env=told, cwd=Path(service.folder), dies_with_us=True)
