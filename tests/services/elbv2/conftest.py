"""A region of this room's own, whose load balancers listen at their own addresses on free ports."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from panregion.functions import zipped
from panregion.testing.blocks import claimed
from panregion.world.tls import make_authority
from tests.support import ServedRegion

ROLE = "arn:aws:iam::000000000000:role/lambda"
SUBNETS = ["subnet-0000000000000000a", "subnet-0000000000000000b"]
NUMBERS = count()


@pytest.fixture(scope="package")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRegion]:
    folder = tmp_path_factory.mktemp("balanced")
    make_authority(folder)
    with claimed() as ports:
        served = ServedRegion(folder, ports=ports)
        yield served
        served.close()


@pytest.fixture(scope="package")
def elbv2(balanced: ServedRegion) -> Any:
    return balanced.client("elbv2")


@dataclass
class Front:
    """A load balancer with a listener on port 80, and how to make more."""

    elbv2: Any
    served: ServedRegion
    balancer: dict[str, Any]

    @property
    def arn(self) -> str:
        return str(self.balancer["LoadBalancerArn"])

    @property
    def address(self) -> str:
        return f"127.0.1.{int(self.balancer['DNSName'].split('.')[0][-3:])}"

    @property
    def port(self) -> int:
        return self.served.region.settings.ports.gateway

    def listen(self, action: dict[str, Any], port: int = 80, **more: Any) -> str:
        given = {"Protocol": "HTTP", "Port": port, "DefaultActions": [action], **more}
        made = self.elbv2.create_listener(LoadBalancerArn=self.arn, **given)
        return str(made["Listeners"][0]["ListenerArn"])

    def group(self, name: str, **more: Any) -> str:
        given = {"TargetType": "lambda", **more}
        return str(self.elbv2.create_target_group(Name=name, **given)["TargetGroups"][0]["TargetGroupArn"])

    def function(self, name: str, source: str, group_arn: str) -> str:
        """A function of that source, registered in the group."""
        functions = self.served.client("lambda")
        code = {"ZipFile": zipped({"app.py": source})}
        arn = functions.create_function(
            FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="app.handler", Code=code
        )["FunctionArn"]
        functions.add_permission(
            FunctionName=name,
            StatementId="elb",
            Action="lambda:InvokeFunction",
            Principal="elasticloadbalancing.amazonaws.com",
            SourceArn=group_arn,
        )
        self.elbv2.register_targets(TargetGroupArn=group_arn, Targets=[{"Id": arn}])
        return str(arn)


@pytest.fixture
def front(balanced: ServedRegion, elbv2: Any) -> Iterator[Front]:
    name = f"front-{next(NUMBERS)}"
    made = elbv2.create_load_balancer(Name=name, Subnets=SUBNETS)["LoadBalancers"][0]
    front = Front(elbv2, balanced, made)
    yield front
    elbv2.delete_load_balancer(LoadBalancerArn=front.arn)


FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "hello"}}


def fixed(body: str, status: str = "200") -> dict[str, Any]:
    config = {"StatusCode": status, "MessageBody": body, "ContentType": "text/plain"}
    return {"Type": "fixed-response", "FixedResponseConfig": config}
