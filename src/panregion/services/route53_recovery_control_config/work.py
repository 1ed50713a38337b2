"""What happens later: the cells are started, joined and told; then rows are deployed, or gone.

A new cluster needs all five sites. After that a document is handed to any one cell that reaches a majority: the cells
agree on it among themselves. Whatever fails is done again, without end: sites may be lost for long. Every step may be
repeated.
"""

import asyncio
import logging
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.recovery import CELL_SITES, Document, Joining, cell_url, host_url
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.model import Row, deployed, document
from panregion.world import ClientError

TIMEOUT_S = 10.0
RETRY_S = 1.0
START_TIMEOUT_S = 90.0
EDGE = "edge"
"""Control is nowhere in the world: like the edge, it is near to everybody."""


log = logging.getLogger("panregion.recovery")


class NotYet(Exception):
    """Some site did not do what it was asked; the text says which and why."""


async def deploy(here: Here, payload: dict[str, Any]) -> None:
    """Bring a cluster to the version of its document that is current now, however long it takes."""
    try:
        await _deploy(here, payload)
    except NotYet as error:
        log.warning("%s is not deployed yet: %s", payload["cluster_arn"], error)
        due = here.now() + RETRY_S
        await here.transact(lambda here: here.later(layout.DEPLOY, payload, due))


async def _deploy(here: Here, payload: dict[str, Any]) -> None:
    """Raises NotYet."""
    arn: str = payload["cluster_arn"]
    found = here.read(lambda here: _read(here, arn))
    if found is None or found[0].deployed_version >= payload["version"]:
        return
    cluster, wanted = found
    joining = Joining(cluster.cluster_id, cluster.number)
    if cluster.status == "PENDING_DELETION":
        await _leave(here, joining, was_deployed=bool(cluster.deployed_version))
        await here.transact(lambda here: _forget(here, arn))
        return
    if not cluster.deployed_version:
        await _join(here, joining)
    await _configure(here, joining, wanted)
    await here.transact(lambda here: _note(here, arn, wanted.version))


def _read(here: Here, arn: str) -> tuple[Row, Document] | None:
    cluster = layout.find(here, arn)
    if cluster is None:
        return None
    return cluster, document(cluster, layout.rows(here, cluster_arn=arn), here.account_id)


async def _join(here: Here, joining: Joining) -> None:
    await _post(here, EDGE, f"http://127.0.0.1:{here.settings.ports.control}/cells", b"", START_TIMEOUT_S)
    body = msgspec.json.encode(joining)
    urls = {site: host_url(here.settings, site) + "/_panregion/join" for site in CELL_SITES}
    await asyncio.gather(*(_post(here, site, url, body) for site, url in urls.items()))


async def _configure(here: Here, joining: Joining, wanted: Document) -> None:
    failures = []
    for site in CELL_SITES:
        url = cell_url(here.settings, site, joining.number) + "/_panregion/configure"
        try:
            await _post(here, site, url, msgspec.msgpack.encode(wanted))
        except NotYet as error:
            failures.append(str(error))
        else:
            return
    raise NotYet("no cell took the cluster's document: " + "; ".join(failures))


async def _leave(here: Here, joining: Joining, *, was_deployed: bool) -> None:
    """A site that cannot be asked now keeps a cell that nobody asks any more, until another cluster has its number."""
    body = msgspec.json.encode(joining)
    urls = {site: host_url(here.settings, site) + "/_panregion/leave" for site in CELL_SITES}
    ends = await asyncio.gather(*(_post(here, site, url, body) for site, url in urls.items()), return_exceptions=True)
    failed = [end for end in ends if isinstance(end, BaseException)]
    if was_deployed and len(failed) > len(CELL_SITES) // 2:
        raise failed[0]


async def _post(here: Here, site: str, url: str, body: bytes, timeout_s: float = TIMEOUT_S) -> None:
    try:
        response = await here.dispatch.client(site).send("POST", url, [], body, timeout_s=timeout_s)
    except ClientError as error:
        raise NotYet(f"{url} cannot be reached: {error}") from error
    if response.status >= 300:
        text = response.body.decode(errors="replace") if isinstance(response.body, bytes) else ""
        raise NotYet(f"{url} answered {response.status}: {text}")


def _note(here: Here, arn: str, version: int) -> None:
    """The cells have agreed on a version."""
    cluster = layout.find(here, arn)
    if cluster is None:
        return
    layout.put(here, msgspec.structs.replace(cluster, deployed_version=max(version, cluster.deployed_version)))
    for row in layout.rows(here, cluster_arn=arn):
        after = deployed(row, version)
        if after is None:
            layout.delete(here, row)
        elif after != row:
            layout.put(here, after)


def _forget(here: Here, arn: str) -> None:
    for row in layout.rows(here, cluster_arn=arn):
        layout.delete(here, row)


WORK = {layout.DEPLOY: deploy}
