"""Which resource leads to which, as a request goes: from a record to a domain, its API, a function, its role's tables.

A resource leads to what its properties name. Some types belong to what they name rather than lead to it: a listener
names its load balancer, but requests go the other way. Those are turned round (`OWNERS`).
"""

from collections.abc import Iterable
from functools import cached_property

from panregion.review.application import Application, Resource
from panregion.review.symbols import is_known, resources_in, texts_in

OWNERS: dict[str, tuple[str, ...]] = {
    "AWS::ApiGateway::BasePathMapping": ("DomainName",),
    "AWS::ApiGateway::Method": ("RestApiId", "ResourceId"),
    "AWS::ApiGateway::Resource": ("RestApiId", "ParentId"),
    "AWS::ApiGatewayV2::ApiMapping": ("DomainName",),
    "AWS::ApiGatewayV2::Integration": ("ApiId",),
    "AWS::ApiGatewayV2::Route": ("ApiId",),
    "AWS::AppSync::DataSource": ("ApiId",),
    "AWS::AppSync::Resolver": ("ApiId",),
    "AWS::ElasticLoadBalancingV2::Listener": ("LoadBalancerArn",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("ListenerArn",),
    "AWS::Events::Rule": ("EventBusName",),
    "AWS::GlobalAccelerator::EndpointGroup": ("ListenerArn",),
    "AWS::GlobalAccelerator::Listener": ("AcceleratorArn",),
    "AWS::IAM::ManagedPolicy": ("Roles",),
    "AWS::IAM::Policy": ("Roles",),
    "AWS::IAM::RolePolicy": ("RoleName",),
    "AWS::Lambda::EventSourceMapping": ("EventSourceArn",),
    "AWS::SNS::Subscription": ("TopicArn",),
}
"""Type -> the properties that name what it belongs to."""

ASIDE = frozenset(
    {
        "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Account",
        "AWS::CertificateManager::Certificate", "AWS::CloudWatch::Alarm", "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup", "AWS::Route53::HealthCheck", "AWS::Route53::HostedZone", "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
    }
)  # fmt: skip
"""Types that no request passes through."""

NAMES: dict[str, str] = {
    "AWS::ApiGateway::DomainName": "DomainName",
    "AWS::ApiGatewayV2::DomainName": "DomainName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""Type -> the property with the name by which templates and environments may speak of it."""


class Graph:
    """Edges between the resources of an application; each leads to resources of its own stack, or of its region."""

    def __init__(self, application: Application) -> None:
        self._application = application

    @cached_property
    def _edges(self) -> dict[Resource, dict[Resource, None]]:
        edges: dict[Resource, dict[Resource, None]] = {one: {} for one in self._application.resources}
        for one in edges:
            owning = OWNERS.get(one.type, ())
            owners = [owner for name in owning for owner in self.named(one, one.properties.get(name))]
            for owner in owners:
                edges[owner][one] = None
            for other in self.named(one, [value for key, value in one.properties.items() if key not in owning]):
                if other is not one and other not in owners:
                    edges[one][other] = None
        return edges

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Resource]:
        """(region, name) -> the resource that a template gave this name."""
        found = {}
        for one in self._application.resources:
            name = one.text(NAMES[one.type]) if one.type in NAMES else None
            if name and is_known(name):
                found[one.region, name] = one
        return found

    def named(self, one: Resource, value: object) -> list[Resource]:
        """The resources that a value of one's properties names: by reference, by name, or by an ARN or URL."""
        found = {one.stack.resources[name]: None for name in resources_in(value) if name in one.stack.resources}
        for text in texts_in(value):
            other = self.by_name(one.region, text)
            if other is not None:
                found[other] = None
        return list(found)

    def by_name(self, region: str, text: str) -> Resource | None:
        """What a text names in a region: it is the name, or an ARN or URL that ends in it."""
        if not is_known(text):
            return None
        names = (text, text.rsplit(":", 1)[-1], text.rsplit("/", 1)[-1])
        return next((self._by_name[region, name] for name in names if (region, name) in self._by_name), None)

    def next_to(self, one: Resource) -> list[Resource]:
        return [other for other in self._edges[one] if other.type not in ASIDE]

    def reachable(self, starts: Iterable[Resource]) -> list[Resource]:
        """Everything that a request which enters there may come to, the starts first."""
        seen = dict.fromkeys(starts)
        waiting = list(seen)
        while waiting:
            for other in self.next_to(waiting.pop(0)):
                if other not in seen:
                    seen[other] = None
                    waiting.append(other)
        return list(seen)
