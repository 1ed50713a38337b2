"""Clusters: five cells each, of which an account has two at most."""

from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.services.recovery import CLUSTERS_MAX
from panregion.services.route53_recovery_control_config import layout
from panregion.services.route53_recovery_control_config.api.common import free, made_before, page, ready, room
from panregion.services.route53_recovery_control_config.errors import ConflictException, ResourceNotFoundException
from panregion.services.route53_recovery_control_config.model import (
    DEFAULT_PANEL,
    PAGE_SIZE,
    PREFIX,
    Row,
    show_cluster,
)
from panregion.services.service import reads


def create_cluster(
    here: Here,
    cluster_name: str,
    client_token: str | None = None,
    tags: dict[str, str] | None = None,
    network_type: str = "IPV4",
) -> dict[str, Any]:
    before = made_before(here, "cluster", client_token, cluster_name)
    if before is not None:
        return {"Cluster": show_cluster(before, here.settings)}
    others = layout.rows(here, "cluster")
    free(cluster_name, others)
    room(len(others), CLUSTERS_MAX, "Clusters per account")
    arn = f"{PREFIX}{here.account_id}:cluster/{here.world.chance.uuid()}"
    numbers = {row.number for row in others}
    cluster = Row(
        kind="cluster",
        arn=arn,
        name=cluster_name,
        place=layout.next_place(here),
        cluster_arn=arn,
        number=next(number for number in range(1, CLUSTERS_MAX + 1) if number not in numbers),
        network_type=network_type,
        tags=tags or {},
    )
    layout.put(here, cluster)
    layout.put(here, _default_panel(here, arn))
    layout.put_token(here, "cluster", client_token, arn)
    here.later(layout.DEPLOY, {"cluster_arn": arn, "version": cluster.version})
    return {"Cluster": show_cluster(cluster, here.settings)}


def _default_panel(here: Here, cluster_arn: str) -> Row:
    return Row(
        kind="controlpanel",
        arn=f"{PREFIX}{here.account_id}:controlpanel/{here.world.chance.uuid().replace('-', '')}",
        name=DEFAULT_PANEL,
        place=layout.next_place(here),
        cluster_arn=cluster_arn,
        default=True,
    )


def delete_cluster(here: Here, cluster_arn: str) -> dict[str, Any]:
    cluster = layout.require(here, cluster_arn, "cluster")
    if cluster.status == "PENDING_DELETION":
        raise ConflictException(f"The cluster {cluster.name} is being deleted already")
    for row in layout.rows(here, cluster_arn=cluster.arn):
        if row.kind != "cluster" and not row.default:
            raise ConflictException(f"The cluster {cluster.name} still has the {layout.WORDS[row.kind]} {row.name}")
    version = cluster.version + 1
    gone = msgspec.structs.replace(cluster, status="PENDING_DELETION", version=version, changed_in=version)
    layout.put(here, gone)
    here.later(layout.DEPLOY, {"cluster_arn": cluster.arn, "version": version})
    return {}


@reads
def describe_cluster(here: Here, cluster_arn: str) -> dict[str, Any]:
    return {"Cluster": show_cluster(layout.require(here, cluster_arn, "cluster"), here.settings)}


@reads
def get_resource_policy(here: Here, resource_arn: str) -> dict[str, Any]:
    """A policy comes from sharing a cluster with other accounts, and a world has but one."""
    layout.require(here, resource_arn, "cluster")
    raise ResourceNotFoundException(f"The cluster {resource_arn} has no resource policy")


@reads
def list_clusters(here: Here, next_token: str | None = None, max_results: int = PAGE_SIZE) -> dict[str, Any]:
    shown = [show_cluster(row, here.settings) for row in layout.rows(here, "cluster")]
    return page("Clusters", shown, next_token, max_results)


def update_cluster(here: Here, cluster_arn: str, network_type: str) -> dict[str, Any]:
    """The network type is kept: every address of a world is an IPv4 one."""
    cluster = ready(layout.require(here, cluster_arn, "cluster"))
    changed = msgspec.structs.replace(cluster, network_type=network_type)
    layout.put(here, changed)
    return {"Cluster": show_cluster(changed, here.settings)}
