"""Clusters, panels, controls and rules through AWS's own client, deployed to five real cells."""

from collections.abc import Iterator
from typing import Any

import pytest

from panregion.services.recovery import CELL_SITES
from tests.services.route53_recovery_control_config.support import Plane, refused, until
from tests.support import ServedRegion

NOWHERE = "arn:aws:route53-recovery-control::000000000000:cluster/none"


@pytest.fixture
def cluster(plane: Plane) -> Iterator[dict[str, Any]]:
    yield plane.cluster("app")
    plane.empty()


def test_a_cluster_is_pending_until_five_sites_have_joined(plane: Plane) -> None:
    made = plane.config.create_cluster(ClusterName="first", Tags={"team": "a"}, ClientToken="once")["Cluster"]
    assert (made["Status"], made["ClusterEndpoints"], made["NetworkType"]) == ("PENDING", [], "IPV4")
    cluster = plane.deployed("cluster", ClusterArn=made["ClusterArn"])
    assert [each["Region"] for each in cluster["ClusterEndpoints"]] == list(CELL_SITES)
    assert plane.asked == ["/cells"]
    client = plane.five.client("eu-west-1", 1)
    assert client.list_routing_controls()["RoutingControls"] == []
    again = plane.config.create_cluster(ClusterName="first", ClientToken="once")["Cluster"]
    assert again["ClusterArn"] == cluster["ClusterArn"]
    assert [each["Name"] for each in plane.config.list_clusters()["Clusters"]] == ["first"]
    refused("ConflictException", plane.config.create_cluster, ClusterName="first")
    refused("ConflictException", plane.config.create_cluster, ClusterName="other", ClientToken="once")
    plane.cluster("second")
    refused("ServiceQuotaExceededException", plane.config.create_cluster, ClusterName="third")
    plane.empty()
    assert plane.config.list_clusters()["Clusters"] == []
    for site in CELL_SITES:
        assert list((plane.five.folder / "recovery" / site).iterdir()) == [
            plane.five.folder / "recovery" / site / "cells.json"
        ]


def test_a_control_is_switched_at_an_endpoint_once_it_is_deployed(plane: Plane, cluster: dict[str, Any]) -> None:
    arn = plane.control(cluster, "one")
    assert arn.startswith("arn:aws:route53-recovery-control::000000000000:controlpanel/")
    panel = plane.config.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]["ControlPanelArn"]
    shown = plane.config.describe_control_panel(ControlPanelArn=panel)["ControlPanel"]
    assert (shown["DefaultControlPanel"], shown["RoutingControlCount"]) == (True, 1)
    client = plane.five.client("ap-southeast-2")
    client.update_routing_control_state(RoutingControlArn=arn, RoutingControlState="On")
    renamed = plane.config.update_routing_control(RoutingControlArn=arn, RoutingControlName="uno")["RoutingControl"]
    assert renamed["Status"] == "PENDING"
    plane.deployed("routing_control", RoutingControlArn=arn)
    told = client.get_routing_control_state(RoutingControlArn=arn)
    assert (told["RoutingControlName"], told["RoutingControlState"]) == ("uno", "On")
    refused(
        "ConflictException",
        plane.config.create_routing_control,
        ClusterArn=cluster["ClusterArn"],
        RoutingControlName="uno",
    )
    plane.gone("routing_control", RoutingControlArn=arn)
    refused("ResourceNotFoundException", client.get_routing_control_state, RoutingControlArn=arn)


def test_panels_hold_controls_and_go_only_when_they_are_empty(plane: Plane, cluster: dict[str, Any]) -> None:
    config, arn = plane.config, cluster["ClusterArn"]
    made = config.create_control_panel(ClusterArn=arn, ControlPanelName="eu", Tags={"a": "b"})["ControlPanel"]
    panel = made["ControlPanelArn"]
    refused("ConflictException", config.create_control_panel, ClusterArn=arn, ControlPanelName="eu")
    plane.deployed("control_panel", ControlPanelArn=panel)
    control = plane.control(cluster, "one", ControlPanelArn=panel)
    refused("ConflictException", config.delete_control_panel, ControlPanelArn=panel)
    refused("ConflictException", config.delete_cluster, ClusterArn=arn)
    assert config.update_control_panel(ControlPanelArn=panel, ControlPanelName="ue")["ControlPanel"]["Name"] == "ue"
    plane.deployed("control_panel", ControlPanelArn=panel)
    listed = config.list_control_panels(ClusterArn=arn)["ControlPanels"]
    assert [each["Name"] for each in listed] == ["DefaultControlPanel", "ue"]
    first = config.list_control_panels(MaxResults=1)
    assert len(config.list_control_panels(MaxResults=1, NextToken=first["NextToken"])["ControlPanels"]) == 1
    names = [each["Name"] for each in config.list_routing_controls(ControlPanelArn=panel)["RoutingControls"]]
    assert names == ["one"]
    refused("ValidationException", config.delete_control_panel, ControlPanelArn=listed[0]["ControlPanelArn"])
    refused("ValidationException", config.list_control_panels, NextToken="x")
    plane.gone("routing_control", RoutingControlArn=control)
    plane.gone("control_panel", ControlPanelArn=panel)


def rule(panel: str, **more: Any) -> dict[str, Any]:
    config = {"Type": "ATLEAST", "Threshold": 1, "Inverted": False}
    return {"ControlPanelArn": panel, "Name": "rule", "WaitPeriodMs": 0, "RuleConfig": config, **more}


def test_rules_are_validated_deployed_held_and_changed(plane: Plane, cluster: dict[str, Any]) -> None:
    config = plane.config
    one, two, gate = (plane.control(cluster, name) for name in ("one", "two", "gate"))
    panel = config.describe_routing_control(RoutingControlArn=one)["RoutingControl"]["ControlPanelArn"]
    create = config.create_safety_rule
    both = rule(panel, AssertedControls=[one, two])
    too_many = rule(panel, AssertedControls=[one], RuleConfig={"Type": "ATLEAST", "Threshold": 2, "Inverted": False})
    gating = rule(panel, Name="gate", GatingControls=[gate], TargetControls=[two])
    refused("ValidationException", create)
    refused(
        "ValidationException",
        create,
        AssertionRule=both,
        GatingRule=rule(panel, GatingControls=[gate], TargetControls=[one]),
    )
    refused("ValidationException", create, AssertionRule=too_many)
    refused("ValidationException", create, AssertionRule=rule(panel, AssertedControls=[]))
    refused("ValidationException", create, AssertionRule=rule(panel, AssertedControls=[one, one]))
    refused("ValidationException", create, AssertionRule=rule(panel, AssertedControls=[one + "f"]))
    refused("ValidationException", create, AssertionRule={**both, "WaitPeriodMs": -1})
    refused("ValidationException", create, GatingRule=rule(panel, GatingControls=[gate], TargetControls=[]))
    refused("ResourceNotFoundException", create, AssertionRule=rule(panel + "0", AssertedControls=[one]))

    client = plane.five.client("us-east-1")
    client.update_routing_control_state(RoutingControlArn=one, RoutingControlState="On")
    arn = create(AssertionRule=both, Tags={"a": "b"})["AssertionRule"]["SafetyRuleArn"]
    shown = plane.deployed("safety_rule", SafetyRuleArn=arn)
    assert (shown["AssertedControls"], shown["Owner"]) == ([one, two], "000000000000")
    refused("ValidationException", create, AssertionRule=both)  # names are a panel's own
    refused("ConflictException", client.update_routing_control_state, RoutingControlArn=one, RoutingControlState="Off")
    refused("ConflictException", config.delete_routing_control, RoutingControlArn=one)

    gate_arn = create(GatingRule=gating)["GatingRule"]["SafetyRuleArn"]
    plane.deployed("safety_rule", SafetyRuleArn=gate_arn)
    refused("ConflictException", client.update_routing_control_state, RoutingControlArn=two, RoutingControlState="On")
    client.update_routing_control_state(RoutingControlArn=gate, RoutingControlState="On")
    client.update_routing_control_state(RoutingControlArn=two, RoutingControlState="On")

    listed = config.list_safety_rules(ControlPanelArn=panel)["SafetyRules"]
    assert [next(iter(each)) for each in listed] == ["ASSERTION", "GATING"]
    update = {"SafetyRuleArn": arn, "Name": "renamed", "WaitPeriodMs": 60_000}
    refused("ValidationException", config.update_safety_rule, GatingRuleUpdate=update)
    refused("ValidationException", config.update_safety_rule, AssertionRuleUpdate={**update, "Name": "gate"})
    changed = config.update_safety_rule(AssertionRuleUpdate=update)["AssertionRule"]
    assert (changed["Name"], changed["WaitPeriodMs"], changed["Status"]) == ("renamed", 60_000, "PENDING")
    plane.deployed("safety_rule", SafetyRuleArn=arn)
    told = refused(
        "ConflictException", client.update_routing_control_state, RoutingControlArn=one, RoutingControlState="Off"
    )
    assert "The wait period of the safety rule renamed ends in" in told


def test_tags_are_for_all_but_controls(plane: Plane, cluster: dict[str, Any]) -> None:
    config, arn = plane.config, cluster["ClusterArn"]
    config.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
    config.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    many = {f"key{n}": "x" for n in range(50)}
    refused("ValidationException", config.tag_resource, ResourceArn=arn, Tags=many)
    control = plane.control(cluster, "one")
    refused("ResourceNotFoundException", config.list_tags_for_resource, ResourceArn=control)


def test_what_is_not_there_is_told_by_name(plane: Plane, cluster: dict[str, Any]) -> None:
    config = plane.config
    refused("ResourceNotFoundException", config.describe_cluster, ClusterArn=NOWHERE)
    refused("ResourceNotFoundException", config.describe_control_panel, ControlPanelArn=NOWHERE)
    refused("ResourceNotFoundException", config.describe_routing_control, RoutingControlArn=NOWHERE)
    refused("ResourceNotFoundException", config.describe_safety_rule, SafetyRuleArn=NOWHERE)
    refused("ResourceNotFoundException", config.get_resource_policy, ResourceArn=cluster["ClusterArn"])
    refused("ResourceNotFoundException", config.create_control_panel, ClusterArn=NOWHERE, ControlPanelName="x")
    config.update_cluster(ClusterArn=cluster["ClusterArn"], NetworkType="DUALSTACK")
    shown = config.describe_cluster(ClusterArn=cluster["ClusterArn"])["Cluster"]
    assert shown["NetworkType"] == "DUALSTACK"


def test_associated_health_checks_are_those_that_follow_the_control(plane: Plane, cluster: dict[str, Any]) -> None:
    control = plane.control(cluster, "one")
    listed = plane.config.list_associated_route53_health_checks(RoutingControlArn=control)
    assert listed["HealthCheckIds"] == []
    route53 = plane.served.client("route53")
    config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": control}
    check = route53.create_health_check(CallerReference="associated", HealthCheckConfig=config)["HealthCheck"]["Id"]
    listed = plane.config.list_associated_route53_health_checks(RoutingControlArn=control)
    assert listed["HealthCheckIds"] == [check]
    route53.delete_health_check(HealthCheckId=check)
    refused("ResourceNotFoundException", plane.config.list_associated_route53_health_checks, RoutingControlArn=NOWHERE)


def test_a_region_says_whom_to_ask(plane: Plane) -> None:
    client = plane.served.client("route53-recovery-cluster")
    told = refused(
        "EndpointTemporarilyUnavailableException", client.get_routing_control_state, RoutingControlArn=NOWHERE
    )
    assert "ask one of the five that DescribeCluster tells" in told


def test_readiness_checks_are_refused_by_name(plane: Plane) -> None:
    told = refused("NotImplemented", plane.served.client("route53-recovery-readiness").list_cells)
    assert told.startswith("panregion does not have the service route53-recovery-readiness; it has ")


def test_a_cluster_is_deleted_without_a_site_that_gives_its_place_up_later(own_plane: Plane) -> None:
    plane = own_plane
    first = plane.cluster("first")
    control = plane.control(first, "one")
    plane.gone("routing_control", RoutingControlArn=control)
    plane.five.end("us-east-1", "us-west-2")
    plane.gone("cluster", ClusterArn=first["ClusterArn"])
    made = plane.config.create_cluster(ClusterName="second")["Cluster"]["ClusterArn"]
    refused("ConflictException", plane.config.create_control_panel, ClusterArn=made, ControlPanelName="early")
    plane.five.start("us-east-1", "us-west-2")  # with the first one's cells, at the second one's addresses
    second = plane.deployed("cluster", ClusterArn=made)
    control = plane.control(second, "two")
    told = plane.five.client("us-east-1").get_routing_control_state(RoutingControlArn=control)
    assert told["RoutingControlName"] == "two"


def test_a_cluster_that_never_came_about_can_be_deleted(served: ServedRegion) -> None:
    """This region's world has no control that could start cells."""
    config = served.client("route53-recovery-control-config")
    arn = config.create_cluster(ClusterName="never")["Cluster"]["ClusterArn"]
    assert config.describe_cluster(ClusterArn=arn)["Cluster"]["Status"] == "PENDING"
    config.delete_cluster(ClusterArn=arn)
    until(lambda: not config.list_clusters()["Clusters"])


def test_changes_wait_for_a_majority_and_then_are_deployed(own_plane: Plane) -> None:
    plane = own_plane
    cluster = plane.cluster("app")
    plane.five.end("us-east-1", "us-west-2", "eu-west-1")
    made = plane.config.create_routing_control(ClusterArn=cluster["ClusterArn"], RoutingControlName="one")
    arn = made["RoutingControl"]["RoutingControlArn"]
    asked = plane.five.client("ap-northeast-1")
    refused("EndpointTemporarilyUnavailableException", asked.get_routing_control_state, RoutingControlArn=arn)
    shown = plane.config.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]
    assert shown["Status"] == "PENDING"
    refused("ConflictException", plane.config.update_routing_control, RoutingControlArn=arn, RoutingControlName="x")
    plane.five.start("eu-west-1")
    until(
        lambda: plane.config.describe_routing_control(RoutingControlArn=arn)["RoutingControl"]["Status"] == "DEPLOYED"
    )
    assert asked.get_routing_control_state(RoutingControlArn=arn)["RoutingControlState"] == "Off"
