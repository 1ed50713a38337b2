"""Whether the world's addresses are free, and who has those that are not."""

import errno
from collections.abc import Iterator
from typing import Literal

from panregion.services.recovery import CELL_SITES, FOLDER, host_address
from panregion.world import WorldSettings
from panregion.world.distance import cities
from panregion.world.server import bind
from panregion.world.transport import udp_is_free


class PortTaken(Exception):
    """An address that the world needs is in use; the text names it and its holder."""


def wanted(settings: WorldSettings) -> Iterator[tuple[str, int, str]]:
    """(address, TCP port, what it is for) of everything that a world listens on."""
    ports = settings.ports
    yield "127.0.0.1", ports.control, "control"
    yield "127.0.0.1", ports.gateway, "the front door"
    yield "127.0.0.1", ports.network, "the network"
    yield "127.0.0.1", ports.edge, "the edge"
    yield "127.0.0.1", ports.dns, "the name server"
    if settings.console:
        yield "127.0.0.1", ports.console, "the console"
    for region in settings.regions:
        yield settings.address(region), ports.gateway, region
        yield settings.address(region), ports.tls, f"{region} over TLS"
        yield *settings.egress(region), f"the way out of {region}"
    for name in settings.outside:
        yield settings.outside_address(name), ports.gateway, name
        yield settings.outside_address(name), ports.tls, f"{name} over TLS"
    if (settings.path / FOLDER).exists():
        for site in CELL_SITES:
            yield host_address(site), ports.gateway, f"the recovery cells of {site}"
    for number, city in enumerate(sorted({*cities(), *settings.places})):
        yield "127.0.0.1", ports.places + number, f"the proxy of {city}"


def check_ports(settings: WorldSettings) -> None:
    """Raise PortTaken for the first address that cannot be bound."""
    for address, port, purpose in wanted(settings):
        try:
            bind(address, port).close()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"{address}:{port} ({purpose}) is in use by {holder(port)}; stop it, or choose another port under "
                    "[ports] in panregion.toml"
                ) from error
            raise PortTaken(f"{address}:{port} ({purpose}) cannot be bound: {error.strerror}") from error
    if not udp_is_free("127.0.0.1", settings.ports.dns):
        raise PortTaken(
            f"127.0.0.1:{settings.ports.dns} (the name server, UDP) is in use by {holder(settings.ports.dns, 'udp')}; "
            "stop it, or choose another port under [ports] in panregion.toml"
        )


def holder(port: int, kind: Literal["tcp", "udp"] = "tcp") -> str:
    """Who listens on a port, as far as the system tells us."""
    import psutil  # on demand: only a failure needs it

    try:
        connections = psutil.net_connections(kind)
    except psutil.AccessDenied:
        return "another process"
    for connection in connections:
        listens = kind == "udp" or connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port:
            if connection.pid is None:
                return "another user's process"
            return _described(connection.pid)
    return "a process that has just ended (its connections linger for a minute)"


def _described(pid: int) -> str:
    import psutil

    try:
        command = " ".join(psutil.Process(pid).cmdline()[:6])
    except psutil.Error:
        command = "?"
    return f"process {pid} ({command})"
