"""What keeps state, where it is kept, and which functions may read or write it.

Permissions are what can be known without reading code: a function whose role may write a table is taken for one that
does. Where the role is not in the template, what its environment names is taken for written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from panregion.review.application import Application, Resource, as_maps, as_texts
from panregion.review.graph import Graph
from panregion.review.symbols import is_known, marks_in, texts_in


@dataclass(frozen=True)
class Kind:
    """A kind of store: how IAM calls its service, which actions write, and what its loss means."""

    noun: str
    service: str
    arn: str
    """The resource's part of its ARN, with {name} in it."""
    writes: tuple[str, ...]
    waits: bool = False
    """Whether what is in it waits for the region's return, rather than being what users come back for."""


_TABLE = Kind("table", "dynamodb", "table/{name}", ("Put*", "Update*", "Delete*", "BatchWrite*", "PartiQL*"))
_QUEUE = Kind("queue", "sqs", "{name}", ("SendMessage*",), waits=True)
KINDS: dict[str, Kind] = {
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::Kinesis::Stream": Kind("stream", "kinesis", "stream/{name}", ("PutRecord*",), waits=True),
    "AWS::S3::Bucket": Kind("bucket", "s3", "{name}", ("PutObject*", "DeleteObject*")),
    "AWS::SNS::Topic": Kind("topic", "sns", "{name}", ("Publish*",), waits=True),
    "AWS::SQS::Queue": _QUEUE,
    "AWS::SecretsManager::Secret": Kind("secret", "secretsmanager", "secret:{name}", ("PutSecret*", "UpdateSecret*")),
    "AWS::SSM::Parameter": Kind("parameter", "ssm", "parameter/{name}", ("PutParameter*",)),
    "AWS::RDS::DBCluster": Kind("database cluster", "rds-data", "cluster:{name}", ("*Statement*",)),
    "AWS::RDS::DBInstance": Kind("database", "rds-data", "db:{name}", ("*Statement*",)),
    "AWS::ElastiCache::ReplicationGroup": Kind("cache", "elasticache", "replicationgroup:{name}", ("Connect*",)),
}
NAME_PROPERTY = {
    "AWS::DynamoDB::GlobalTable": "TableName", "AWS::DynamoDB::Table": "TableName", "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName", "AWS::SNS::Topic": "TopicName", "AWS::Kinesis::Stream": "Name",
    "AWS::SSM::Parameter": "Name", "AWS::SecretsManager::Secret": "Name",
}  # fmt: skip


@dataclass(frozen=True)
class Access:
    """A function (or whatever runs with a role) and a store that it may use."""

    user: Resource
    store: Resource
    writes: bool


def replica_regions(store: Resource) -> list[str]:
    """Where a store is: its replicas' regions for a global table, else the region of its stack."""
    if store.type != "AWS::DynamoDB::GlobalTable":
        return [store.region]
    found = [str(replica["Region"]) for replica in store.maps("Replicas") if isinstance(replica.get("Region"), str)]
    return found or [store.region]


def is_replicated(store: Resource) -> bool:
    """Whether what is written to it is copied to another region by AWS."""
    match store.type:
        case "AWS::DynamoDB::GlobalTable":
            return len(set(replica_regions(store))) > 1
        case "AWS::S3::Bucket":
            rules = store.maps("ReplicationConfiguration", "Rules")
            return any(rule.get("Status") == "Enabled" for rule in rules)
        case "AWS::SecretsManager::Secret":
            return bool(store.maps("ReplicaRegions"))
        case "AWS::RDS::DBCluster":
            return bool(store.at("GlobalClusterIdentifier"))
        case "AWS::ElastiCache::ReplicationGroup":
            return bool(store.at("GlobalReplicationGroupId"))
    return False


class Stores:
    """The stores of an application, and who may use them."""

    def __init__(self, application: Application, graph: Graph) -> None:
        self._graph = graph
        self._application = application
        self.all = list(application.of_type(*KINDS))

    def at(self, region: str) -> list[Resource]:
        """The stores that something in a region can use there: its own, and those with a replica there."""
        return [store for store in self.all if region == store.region or region in replica_regions(store)]

    def used_by(self, user: Resource) -> list[Access]:
        """The stores that a function or state machine may use, by its role's policies or, without any, by name."""
        granted = list(self._granted(user, self.at(user.region)))
        known = {access.store for access in granted}
        named = [store for store in self._named_in_environment(user) if store not in known]
        guessed = not self._roles(user)
        return [*granted, *(Access(user, store, guessed) for store in named)]

    def written_by_somebody(self) -> list[Access]:
        """Who may write which store: functions, state machines, and APIs that call a service by themselves."""
        users = self._application.of_type("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine")
        by_role = [access for user in users for access in self.used_by(user) if access.writes]
        return by_role + list(self._by_integration())

    def _by_integration(self) -> Iterator[Access]:
        for user in self._application.of_type(
            "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration", "AWS::Events::Rule"
        ):
            for store in self._graph.named(user, user.properties):
                if store.type in KINDS:
                    yield Access(user, store, writes=True)

    def _named_in_environment(self, user: Resource) -> list[Resource]:
        values = [user.at("Environment", "Variables"), user.at("DefinitionSubstitutions"), user.at("DefinitionString")]
        own = [one for one in self._graph.named(user, values) if one.type in KINDS]
        names = {text for text in texts_in(values) if is_known(text)}
        replicas = [one for one in self.at(user.region) if one.text(NAME_PROPERTY.get(one.type, "")) in names]
        return list(dict.fromkeys([*own, *replicas]))

    def _policies(self, user: Resource) -> Iterator[dict[str, object]]:
        """The statements that a user's role has, wherever the template keeps them."""
        for role in self._roles(user):
            yield from (one for policy in role.maps("Policies") for one in as_maps(policy.get("PolicyDocument")))
            attached = [one for one in self._graph.next_to(role) if one.type.startswith("AWS::IAM::")]
            yield from (one for policy in attached for one in policy.maps("PolicyDocument"))

    def _roles(self, user: Resource) -> list[Resource]:
        named = self._graph.named(user, [user.at("Role"), user.at("RoleArn")])
        return [role for role in named if role.type == "AWS::IAM::Role"]

    def _granted(self, user: Resource, stores: list[Resource]) -> Iterator[Access]:
        allowed = [
            (as_texts(one.get("Action")), as_texts(one.get("Resource")))
            for document in self._policies(user)
            for one in as_maps(document.get("Statement"))
            if one.get("Effect") == "Allow"
        ]
        arns = [arn.lower() for role in self._roles(user) for arn in as_texts(role.at("ManagedPolicyArns"))]
        managed = " ".join(arn for arn in arns if not arn.endswith("executionrole"))  # those read queues and streams
        for store in stores:
            kind = KINDS[store.type]
            actions = [action for actions, on in allowed if self._covers(on, store, user) for action in actions]
            own = [action for action in actions if self._of_service(action, kind.service)]
            if own:
                yield Access(user, store, any(_writes(action, kind) for action in own))
            elif kind.service in managed or "administratoraccess" in managed or "poweruseraccess" in managed:
                yield Access(user, store, "readonly" not in managed)

    def _of_service(self, action: str, service: str) -> bool:
        return action == "*" or action.partition(":")[0].lower() == service

    def _covers(self, patterns: list[str], store: Resource, user: Resource) -> bool:
        """Whether a statement's resources include a store, as it is for somebody in the user's region."""
        kind = KINDS[store.type]
        name = store.text(NAME_PROPERTY.get(store.type, "")) or ""
        account = self._application.account_id
        where = "::" if kind.service == "s3" else f":{user.region}:{account}:"
        arn = f"arn:aws:{kind.service}{':' if kind.service == 's3' else ''}{where}{kind.arn.format(name=name)}"
        for pattern in patterns:
            if store.stack is user.stack and store.logical_id in {one.partition(".")[0] for one in marks_in(pattern)}:
                return True
            if pattern == "*" or (name and is_known(pattern) and is_known(name) and _matches(arn, pattern)):
                return True
        return False


def _matches(arn: str, pattern: str) -> bool:
    """Whether an ARN is covered by a policy's resource, or by one for everything below it."""
    plain = pattern.replace("[", "[[]")
    return fnmatchcase(arn, plain) or fnmatchcase(arn, plain.removesuffix("/*"))


def _writes(action: str, kind: Kind) -> bool:
    operation = action.partition(":")[2] or action
    if operation == "*":
        return True
    return any(
        fnmatchcase(operation, pattern) or fnmatchcase(pattern.rstrip("*"), operation) for pattern in kind.writes
    )
