"""The template of examples/food-for-thought's catalog: what each region's stack has, by its parameters."""

from collections import Counter

import pytest

from panregion.services.cloudformation.package import package
from tests.food.functions import SOURCES
from tests.support import ServedRegion

TEMPLATE = SOURCES.parent / "catalog.yaml"
COPYING = {"CopiesForSecond", "CopiesForThird", "CopyToSecondFunction", "CopyToThirdFunction", "NotCopied", "NotSpread"}


def planned(served: ServedRegion, **parameters: str) -> dict[str, str]:
    """Logical id -> type, of what a change set in us-east-1 would make."""
    client = served.client("cloudformation")
    client.create_change_set(
        StackName="food-planned",
        ChangeSetName="plan",
        ChangeSetType="CREATE",
        TemplateBody=package(TEMPLATE, "not-uploaded").template,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    client.get_waiter("change_set_create_complete").wait(
        StackName="food-planned", ChangeSetName="plan", WaiterConfig={"Delay": 0.1}
    )
    found = client.describe_change_set(StackName="food-planned", ChangeSetName="plan")
    client.delete_stack(StackName="food-planned")
    changes = [change["ResourceChange"] for change in found["Changes"]]
    return {change["LogicalResourceId"]: change["ResourceType"] for change in changes}


@pytest.fixture(scope="module")
def master(served: ServedRegion) -> dict[str, str]:
    return planned(served)


def test_the_master_copies_to_the_others(master: dict[str, str]) -> None:
    assert master.keys() >= COPYING | {"Restaurants", "AdminRecord", "GivenUp", "NeverSpread"}
    assert "GlobalRestaurants" not in master
    assert Counter(master.values())["AWS::Lambda::EventSourceMapping"] == 3


def test_the_second_region_stands_in_for_updates_and_the_third_does_not(served: ServedRegion) -> None:
    second = planned(served, MasterRegion="eu-west-1", SecondRegion="us-east-1")
    third = planned(served, MasterRegion="eu-west-1", SecondRegion="eu-central-1", ThirdRegion="us-east-1")
    assert second.keys() - third.keys() == {"AdminRecord"}
    assert not second.keys() & COPYING
    assert "Restaurants" in second


def test_a_global_table_takes_the_place_of_tables_and_copying(served: ServedRegion, master: dict[str, str]) -> None:
    chosen = planned(served, Replication="global-table")
    assert "GlobalRestaurants" in chosen
    assert not chosen.keys() & (COPYING | {"Restaurants"})
    assert not {kind for name, kind in chosen.items() if name not in master} - {"AWS::DynamoDB::GlobalTable"}
    elsewhere = planned(served, Replication="global-table", TableRegion="eu-west-1")
    assert "AWS::DynamoDB::GlobalTable" not in elsewhere.values()
    assert "AWS::DynamoDB::Table" not in elsewhere.values()


def test_another_master_leaves_the_global_table_where_it_is(served: ServedRegion) -> None:
    """The stack that had the table would delete it, in all regions; the new master's cannot make what is there."""
    lost_its_place = planned(served, Replication="global-table", MasterRegion="eu-west-1", SecondRegion="us-east-1")
    assert "GlobalRestaurants" in lost_its_place
    took_its_place = planned(served, Replication="global-table", TableRegion="eu-west-1")
    assert "GlobalRestaurants" not in took_its_place
