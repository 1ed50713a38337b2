"""The data plane of a region's load balancers: it follows what the API decides, listens, serves and checks.

Each load balancer has an address of its own; a listener's port 80 is the gateway's port there, 443 that of TLS (as
everywhere in a world, settings' `ports`), any other is itself. Where a port cannot be had it is tried again, and
`panregion status` tells. After a restart of the region everything is as it was before: it is all in the store.
"""

import asyncio
import contextlib
import logging
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from panregion.services import Here, Running
from panregion.services.elbv2.balance import Balance
from panregion.services.elbv2.checks import Checks
from panregion.services.elbv2.health import group_healthy, usable
from panregion.services.elbv2.model import FEED, NETWORK_PROTOCOLS, Listener, address, groups_of
from panregion.services.elbv2.tls_policies import versions
from panregion.services.elbv2.view import View, take
from panregion.wire import AwsError
from panregion.world import HttpClient, HttpServer, Request, Response, direct_dial
from panregion.world.passing import Passing
from panregion.world.preamble import serve_preceded
from panregion.world.tls import listed_context, unverified

TRY_AGAIN_S = 1.0
BODY_LIMIT_BYTES = 256 << 20
"""Bodies are read whole, so one must not be as large as memory. AWS passes any length on."""
HEALTH_ROUTE = "elbv2/health"
"""GET /_panregion/elbv2/health?arn=ARN on the region's gateway: is the load balancer well? 200, 404 or 503. What
Global Accelerator's and Route 53's checkers ask, over the link from where they are."""

log = logging.getLogger("panregion.elbv2")


class Engine:
    """One region's load balancers at work."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._client = HttpClient(direct_dial, tls=unverified())
        self.view = View()
        self._balance = Balance(here, lambda: self.view, self._client)
        self._checks = Checks(here, self._client)
        self._servers: dict[str, tuple[Listener, HttpServer | Passing]] = {}
        self._failures: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._follow_once()
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            position = self._here.store.head(FEED)
            await self._follow_once()
            if self._here.store.tail(FEED) <= position:
                await self._here.store.trim(FEED, position)
            await self._changed_after(position)

    async def _changed_after(self, position: int) -> None:
        changed = asyncio.ensure_future(self._here.store.changed(FEED, position))
        waits = {changed}
        if self._failures:
            waits.add(asyncio.ensure_future(self._here.world.clock.sleep(TRY_AGAIN_S)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _follow_once(self) -> None:
        """Bring what listens in line with what is decided."""
        self.view = self._here.read(take)
        wanted = {arn: port.listener for arn, port in self.view.ports.items()}
        for arn in [arn for arn, (old, _) in self._servers.items() if not _same(old, wanted.get(arn))]:
            _, server = self._servers.pop(arn)
            await server.close()
        self._failures.clear()
        for arn, listener in wanted.items():
            if arn in self._servers:
                continue
            try:
                self._servers[arn] = listener, await self._listen(listener)
            except (OSError, AwsError) as error:
                self._failures[arn] = str(error)
                log.warning("%s does not listen: %s", arn, error)
        self._checks.follow(self.view.groups.values())

    async def _listen(self, listener: Listener) -> HttpServer | Passing:
        settings = self._here.settings
        balancer = self.view.balancers[listener.balancer_arn]
        host = address(settings.address(self._here.region), balancer.octet)
        port = {80: settings.ports.gateway, 443: settings.ports.tls}.get(listener.port, listener.port)
        if listener.protocol in NETWORK_PROTOCOLS:
            passing = Passing(partial(self._target, listener.arn))
            tcp, udp = listener.protocol != "UDP", listener.protocol != "TCP"
            await passing.listen(host, port, tcp=tcp, udp=udp)
            return passing
        tls = None
        if listener.protocol == "HTTPS":
            tls12, tls13 = versions(listener.ssl_policy)
            names = [self._names(arn) for arn in listener.certificates]
            tls = listed_context(settings.path, names, tls12=tls12, tls13=tls13)
        handler = partial(self._serve, listener)
        return await serve_preceded(handler, host, port, tls, body_limit_bytes=BODY_LIMIT_BYTES)

    def _names(self, certificate_arn: str) -> list[str]:
        """The names that a certificate is for. Raises AwsError where it is gone."""
        params = {"CertificateArn": certificate_arn}
        found = self._here.read(lambda here: here.call("acm", "DescribeCertificate", params))["Certificate"]
        names = [found["DomainName"], *found.get("SubjectAlternativeNames", [])]
        return list(dict.fromkeys(name.lower() for name in names))

    async def _serve(self, listener: Listener, request: Request) -> Response:
        return await self._balance.serve(listener.arn, request)

    def _target(self, listener_arn: str, client: str) -> tuple[str, int] | None:
        """Where a network load balancer passes a new connection or flow on to."""
        del client
        port = self.view.ports.get(listener_arn)
        if port is None:
            return None
        group = self.view.groups[groups_of(port.listener.actions)[0]]
        return self._here.world.chance.choice(usable(self._here, group)) if group.targets else None

    async def answer_health(self, request: Request) -> Response:
        """HEALTH_ROUTE. `arn` may also be the last octet of the load balancer's address."""
        asked = dict(parse_qsl(request.query)).get("arn", "")
        for arn, balancer in self.view.balancers.items():
            if asked in (arn, str(balancer.octet)):
                well = self.healthy(arn)
                return _text(200, "well") if well else _text(503, "a target group has no target that is well")
        return _text(404, "there is no such load balancer")

    def healthy(self, balancer_arn: str) -> bool:
        """Whether every group that the load balancer forwards to has a target that is well."""
        return all(group_healthy(self._here, group) for group in self.view.groups_behind(balancer_arn))

    def health(self) -> dict[str, Any]:
        return {"load_balancers": {"listeners": len(self._servers), "failures": dict(self._failures)}}

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._checks.stop()
        for _, server in self._servers.values():
            await server.close()
        await self._client.close()


def _text(status: int, line: str) -> Response:
    return Response(status, [("Content-Type", "text/plain")], f"{line}\n".encode())


def _same(old: Listener, new: Listener | None) -> bool:
    """Whether the socket can stay: what it does with requests is looked up for each."""
    return new is not None and (old.port, old.protocol, old.certificates, old.ssl_policy) == (
        new.port,
        new.protocol,
        new.certificates,
        new.ssl_policy,
    )


async def start(here: Here) -> Running:
    """When a region starts: listen again."""
    engine = Engine(here)
    await engine.start()
    return Running(stop=engine.stop, routes={HEALTH_ROUTE: engine.answer_health}, health=engine.health)
