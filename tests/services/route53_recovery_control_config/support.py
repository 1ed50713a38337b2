"""A control plane with its five sites, and waiting for what it makes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.route53_recovery_cluster.support import Five
from tests.support import ServedRegion

BOUND_S = 60.0


@dataclass
class Plane:
    """`asked` are the paths that control was asked for."""

    served: ServedRegion
    five: Five
    asked: list[str]

    @property
    def config(self) -> Any:
        return self.served.client("route53-recovery-control-config")

    def cluster(self, name: str) -> dict[str, Any]:
        """A new cluster, deployed."""
        arn = self.config.create_cluster(ClusterName=name)["Cluster"]["ClusterArn"]
        return self.deployed("cluster", ClusterArn=arn)

    def control(self, cluster: dict[str, Any], name: str, **more: str) -> str:
        """The ARN of a new routing control, deployed."""
        made = self.config.create_routing_control(ClusterArn=cluster["ClusterArn"], RoutingControlName=name, **more)
        arn: str = made["RoutingControl"]["RoutingControlArn"]
        self.deployed("routing_control", RoutingControlArn=arn)
        return arn

    def deployed(self, kind: str, **arn: str) -> dict[str, Any]:
        """What is described, once it is deployed."""
        describe = getattr(self.config, f"describe_{kind}")
        shown: dict[str, Any] = {}

        def done() -> bool:
            answer = describe(**arn)
            nonlocal shown
            shown = next(value for name, value in answer.items() if name != "ResponseMetadata")
            return bool(shown["Status"] == "DEPLOYED")

        until(done)
        return shown

    def gone(self, kind: str, **arn: str) -> None:
        """Delete something and wait until it is gone."""
        getattr(self.config, f"delete_{kind}")(**arn)
        describe = getattr(self.config, f"describe_{kind}")

        def done() -> bool:
            try:
                describe(**arn)
            except ClientError as error:
                return error.response["Error"]["Code"] == "ResourceNotFoundException"
            return False

        until(done)

    def empty(self) -> None:
        """Delete every cluster with all that is in it."""
        for cluster in self.config.list_clusters()["Clusters"]:
            for panel in self.config.list_control_panels(ClusterArn=cluster["ClusterArn"])["ControlPanels"]:
                arn = panel["ControlPanelArn"]
                for rule in self.config.list_safety_rules(ControlPanelArn=arn)["SafetyRules"]:
                    (shown,) = rule.values()
                    self.gone("safety_rule", SafetyRuleArn=shown["SafetyRuleArn"])
                for control in self.config.list_routing_controls(ControlPanelArn=arn)["RoutingControls"]:
                    self.gone("routing_control", RoutingControlArn=control["RoutingControlArn"])
                if not panel["DefaultControlPanel"]:
                    self.gone("control_panel", ControlPanelArn=arn)
            self.gone("cluster", ClusterArn=cluster["ClusterArn"])


def until(done: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < BOUND_S, "it did not happen in time"
        time.sleep(0.02)


def refused(code: str, call: Callable[..., object], **params: Any) -> str:
    """The message of the error that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return str(caught.value.response["Error"]["Message"])
