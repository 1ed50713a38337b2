"""Every action that is listed has faults that the world's control understands."""

import pytest

from panregion.control.faults import read_fault
from panregion.services.fis.carrying import faults_of
from panregion.services.fis.catalogue import ACTIONS, seconds_of
from panregion.services.fis.model import Action

ARNS = {
    "Functions": ["arn:aws:lambda:us-east-1:000000000000:function:orders"],
    "Tables": ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"],
    "Roles": ["arn:aws:iam::000000000000:role/caller"],
    "Subnets": ["arn:aws:ec2:us-east-1:000000000000:subnet/subnet-1"],
    "TransitGateways": ["arn:aws:ec2:us-east-1:000000000000:transit-gateway/tgw-1"],
}
VALUES = {
    "duration": "PT5M",
    "invocationPercentage": "25",
    "operations": "GetItem,PutItem",
    "percentage": "10",
    "preventExecution": "false",
    "region": "eu-west-1",
    "scope": "dynamodb",
    "service": "dynamodb",
    "startupDelayMilliseconds": "250",
}
WORDS = {
    "aws:dynamodb:global-table-pause-replication": "replication of orders between us-east-1 and the other regions",
    "aws:fis:inject-api-internal-error": "dynamodb GetItem PutItem in us-east-1",
    "aws:fis:inject-api-throttle-error": "dynamodb GetItem PutItem in us-east-1",
    "aws:fis:inject-api-unavailable-error": "dynamodb GetItem PutItem in us-east-1",
    "aws:fis:wait": "",
    "aws:lambda:invocation-add-delay": "orders in us-east-1",
    "aws:lambda:invocation-error": "orders in us-east-1",
    "aws:network:disrupt-connectivity": "dynamodb in us-east-1",
    "aws:network:route-table-disrupt-cross-region-connectivity": "us-east-1 -> eu-west-1 is cut",
    "aws:network:transit-gateway-disrupt-cross-region-connectivity": "us-east-1 -> eu-west-1 is cut",
}


@pytest.mark.parametrize("action_id", ACTIONS)
def test_control_understands_the_faults_of_every_action(action_id: str) -> None:
    kind = ACTIONS[action_id]
    action = Action(action_id, parameters={name: VALUES[name] for name in kind.parameters})
    arns = [arn for key in kind.targets for arn in ARNS[key]]
    told = [read_fault(fault).describe() for fault in faults_of(action, arns, "us-east-1")]
    assert WORDS[action_id] in " ".join(told), told


def test_all_traffic_of_a_region_is_cut() -> None:
    action = Action("aws:network:disrupt-connectivity", parameters={"duration": "PT5M", "scope": "all"})
    (fault,) = faults_of(action, [], "us-east-1")
    assert read_fault(fault).describe().startswith("us-east-1 <-> ")


@pytest.mark.parametrize(("text", "seconds"), [("PT1M", 60), ("PT1H30M", 5400), ("P1DT1S", 86401)])
def test_durations(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "1M", "PT1.5M", "P1M"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        seconds_of(text)
