"""FIS in a whole world: an experiment made with boto3 does to the regions what it says, and undoes it."""

from typing import Any

import pytest

from panregion.testing import World

AMERICA, EUROPE = "us-east-1", "eu-west-1"
ROLE = "arn:aws:iam::000000000000:role/fis"
pytestmark = [pytest.mark.world(regions=[AMERICA, EUROPE]), pytest.mark.timeout(180)]


def begin(fis: Any, actions: dict[str, Any], targets: dict[str, Any]) -> str:
    template = fis.create_experiment_template(
        description="d", roleArn=ROLE, stopConditions=[{"source": "none"}], actions=actions, targets=targets
    )["experimentTemplate"]
    return str(fis.start_experiment(experimentTemplateId=template["id"])["experiment"]["id"])


def status(fis: Any, experiment: str) -> str:
    return str(fis.get_experiment(id=experiment)["experiment"]["state"]["status"])


def running(fis: Any, experiment: str) -> bool:
    """Whether every action has its faults."""
    found = fis.get_experiment(id=experiment)["experiment"]
    if found["state"]["status"] == "failed":
        pytest.fail(found["state"]["reason"])
    actions = found["actions"].values()
    return all(action["state"]["status"] == "running" for action in actions)


def test_an_experiment_does_what_it_says_and_undoes_it(world: World) -> None:
    dynamodb = world.region(AMERICA).resource("dynamodb")
    table = dynamodb.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "team", "Value": "food"}],
    )
    table.wait_until_exists()
    table.meta.client.update_table(TableName="orders", ReplicaUpdates=[{"Create": {"RegionName": EUROPE}}])
    replica = world.region(EUROPE).resource("dynamodb").Table("orders")
    world.eventually(lambda: replica.table_status == "ACTIVE" or replica.load())
    table.put_item(Item={"id": "before"})
    assert world.converged()

    fis = world.region(AMERICA).client("fis")
    experiment = begin(
        fis,
        {
            "pause": {
                "actionId": "aws:dynamodb:global-table-pause-replication",
                "parameters": {"duration": "PT5M"},
                "targets": {"Tables": "tables"},
            },
            "throttle": {
                "actionId": "aws:fis:inject-api-throttle-error",
                "parameters": {"duration": "PT5M", "service": "sqs", "operations": "*", "percentage": "100"},
                "targets": {"Roles": "roles"},
            },
        },
        {
            "tables": {
                "resourceType": "aws:dynamodb:global-table",
                "resourceTags": {"team": "food"},
                "selectionMode": "ALL",
            },
            "roles": {"resourceType": "aws:iam:role", "resourceArns": [role(world)], "selectionMode": "ALL"},
        },
    )
    world.eventually(lambda: running(fis, experiment))
    sqs = world.region(AMERICA).client("sqs")
    with pytest.raises(sqs.exceptions.ClientError, match="Throttl"):
        sqs.list_queues()
    for each, name in ((table, "america"), (replica, "europe")):
        each.put_item(Item={"id": name})
    assert "Item" not in replica.get_item(Key={"id": "america"})

    fis.stop_experiment(id=experiment)
    world.eventually(lambda: status(fis, experiment) == "stopped" and world.faults() == [])
    sqs.list_queues()
    assert world.converged()
    assert "Item" in replica.get_item(Key={"id": "america"})
    assert "Item" in table.get_item(Key={"id": "europe"})


def role(world: World) -> str:
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
    )
    iam = world.region(AMERICA).client("iam")
    return str(iam.create_role(RoleName="caller", AssumeRolePolicyDocument=document)["Role"]["Arn"])


def test_an_experiment_goes_on_where_its_region_was_lost_and_comes_back(world: World) -> None:
    fis = world.region(AMERICA).client("fis")
    gateway = f"arn:aws:ec2:{AMERICA}:000000000000:transit-gateway/tgw-1"
    experiment = begin(
        fis,
        {
            "cut": {
                "actionId": "aws:network:transit-gateway-disrupt-cross-region-connectivity",
                "parameters": {"duration": "PT5M", "region": EUROPE},
                "targets": {"TransitGateways": "gateways"},
            }
        },
        {
            "gateways": {
                "resourceType": "aws:ec2:transit-gateway",
                "resourceArns": [gateway],
                "selectionMode": "ALL",
            }
        },
    )
    world.eventually(lambda: running(fis, experiment))
    with world.region(AMERICA).kill():
        assert f"{AMERICA} -> {EUROPE} is cut" in " ".join(world.faults())
    assert running(fis, experiment)
    fis.stop_experiment(id=experiment)
    world.eventually(lambda: status(fis, experiment) == "stopped" and world.faults() == [])
