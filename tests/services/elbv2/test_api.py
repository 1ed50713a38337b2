"""Every operation by boto3: what it shows, and what it refuses as AWS does."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.elbv2.conftest import FIXED, SUBNETS, Front, fixed
from tests.support import REGION, ServedRegion


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


PATH_A = {"Field": "path-pattern", "Values": ["/a"]}


# Load balancers


def test_a_load_balancer_is_shown_as_it_was_made(front: Front) -> None:
    made = front.balancer
    assert made["State"] == {"Code": "provisioning"}
    assert made["Type"] == "application"
    assert made["Scheme"] == "internet-facing"
    assert made["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"
    assert made["DNSName"].startswith(f"{made['LoadBalancerName']}-")
    assert made["DNSName"].endswith(f".{REGION}.elb.amazonaws.com")
    assert [zone["SubnetId"] for zone in made["AvailabilityZones"]] == SUBNETS
    (found,) = front.elbv2.describe_load_balancers(LoadBalancerArns=[front.arn])["LoadBalancers"]
    assert found["State"] == {"Code": "active"}
    (named,) = front.elbv2.describe_load_balancers(Names=[made["LoadBalancerName"]])["LoadBalancers"]
    assert named == found
    again = front.elbv2.create_load_balancer(Name=made["LoadBalancerName"], Subnets=SUBNETS)["LoadBalancers"][0]
    assert again["LoadBalancerArn"] == front.arn
    other = {"Name": made["LoadBalancerName"], "Subnets": SUBNETS, "Scheme": "internal"}
    assert code_of(front.elbv2.create_load_balancer, **other) == "DuplicateLoadBalancerName"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Name": "-x"}, "ValidationError"),
        ({"Name": "internal-x"}, "ValidationError"),
        ({"Name": "x" * 33}, "ValidationError"),
        ({"Subnets": SUBNETS[:1]}, "ValidationError"),
        ({"Subnets": ["net-1", "net-2"]}, "SubnetNotFound"),
        ({"SecurityGroups": ["group"]}, "InvalidSecurityGroup"),
        ({"Type": "gateway"}, "NotImplemented"),
    ],
)
def test_refusals_of_load_balancers(elbv2: Any, changes: dict[str, Any], code: str) -> None:
    assert code_of(elbv2.create_load_balancer, **{"Name": "refused", "Subnets": SUBNETS, **changes}) == code


def test_subnets_that_ec2_knows_are_held_to_what_they_are(elbv2: Any, balanced: ServedRegion) -> None:
    ec2 = balanced.client("ec2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    made = elbv2.create_load_balancer(Name="placed", Subnets=subnets[:2])["LoadBalancers"][0]
    assert made["VpcId"] == ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    assert [zone["ZoneName"] for zone in made["AvailabilityZones"]] == [f"{REGION}a", f"{REGION}b"]
    assert len(made["SecurityGroups"]) == 1
    arn = made["LoadBalancerArn"]
    moved = elbv2.set_subnets(LoadBalancerArn=arn, Subnets=subnets[1:])
    assert [zone["ZoneName"] for zone in moved["AvailabilityZones"]] == [f"{REGION}b", f"{REGION}c"]
    mixed = {"LoadBalancerArn": arn, "Subnets": [subnets[0], "subnet-00000000000000000"]}
    assert code_of(elbv2.set_subnets, **mixed) == "SubnetNotFound"
    vpc = made["VpcId"]
    twin = ec2.create_subnet(VpcId=vpc, CidrBlock="172.31.240.0/20", AvailabilityZone=f"{REGION}a")["Subnet"][
        "SubnetId"
    ]
    same_zone = {"LoadBalancerArn": arn, "Subnets": [subnets[0], twin]}
    assert code_of(elbv2.set_subnets, **same_zone) == "InvalidConfigurationRequest"
    group = ec2.create_security_group(GroupName="for-lb", Description="d", VpcId=vpc)["GroupId"]
    assert elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])["SecurityGroupIds"] == [group]
    assert code_of(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    unknown = {"LoadBalancerArn": arn, "SecurityGroups": [group, "sg-00000000000000000"]}
    assert code_of(elbv2.set_security_groups, **unknown) == "InvalidSecurityGroup"
    assert elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="dualstack")["IpAddressType"] == "dualstack"
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=twin)


def test_attributes_of_load_balancers(front: Front) -> None:
    of = {"LoadBalancerArn": front.arn}
    shown = {each["Key"]: each["Value"] for each in front.elbv2.describe_load_balancer_attributes(**of)["Attributes"]}
    assert shown["idle_timeout.timeout_seconds"] == "60"
    assert shown["deletion_protection.enabled"] == "false"
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    front.elbv2.modify_load_balancer_attributes(**of, Attributes=protect)
    assert code_of(front.elbv2.delete_load_balancer, **of) == "OperationNotPermitted"
    protect[0]["Value"] = "false"
    front.elbv2.modify_load_balancer_attributes(**of, Attributes=protect)
    for wrong in ({"Key": "no.such", "Value": "1"}, {"Key": "idle_timeout.timeout_seconds", "Value": "0"}):
        assert code_of(front.elbv2.modify_load_balancer_attributes, **of, Attributes=[wrong]) == "ValidationError"


def test_what_is_not_there(elbv2: Any) -> None:
    base = f"arn:aws:elasticloadbalancing:{REGION}:000000000000"
    balancer, group = f"{base}:loadbalancer/app/x/1", f"{base}:targetgroup/x/1"
    listener, rule = f"{base}:listener/app/x/1/2", f"{base}:listener-rule/app/x/1/2/3"
    assert code_of(elbv2.describe_load_balancers, LoadBalancerArns=[balancer]) == "LoadBalancerNotFound"
    assert code_of(elbv2.describe_load_balancers, Names=["none"]) == "LoadBalancerNotFound"
    assert code_of(elbv2.describe_target_groups, Names=["none"]) == "TargetGroupNotFound"
    assert code_of(elbv2.describe_target_health, TargetGroupArn=group) == "TargetGroupNotFound"
    assert code_of(elbv2.describe_listeners, ListenerArns=[listener]) == "ListenerNotFound"
    assert code_of(elbv2.describe_rules, RuleArns=[rule]) == "RuleNotFound"
    assert code_of(elbv2.describe_tags, ResourceArns=[listener]) == "ListenerNotFound"
    assert code_of(elbv2.describe_listeners, LoadBalancerArn="x") == "ValidationError"
    assert code_of(elbv2.describe_rules) == "ValidationError"
    assert code_of(
        elbv2.create_trust_store, Name="x", CaCertificatesBundleS3Bucket="b", CaCertificatesBundleS3Key="k"
    ) == ("NotImplemented")
    elbv2.delete_load_balancer(LoadBalancerArn=balancer)
    elbv2.delete_target_group(TargetGroupArn=group)


def test_lists_come_in_pages(front: Front) -> None:
    for port in (81, 82, 83):
        front.listen(FIXED, port + 20000)
    pages = front.elbv2.get_paginator("describe_listeners").paginate(
        LoadBalancerArn=front.arn, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Listeners"]) for page in pages] == [2, 1]
    assert code_of(front.elbv2.describe_listeners, LoadBalancerArn=front.arn, Marker="x") == "ValidationError"


def test_limits_and_policies(elbv2: Any) -> None:
    limits = {each["Name"]: each["Max"] for each in elbv2.describe_account_limits()["Limits"]}
    assert limits["rules-per-application-load-balancer"] == "100"
    (policy,) = elbv2.describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-3-2021-06"])["SslPolicies"]
    assert policy["SslProtocols"] == ["TLSv1.3"]
    assert code_of(elbv2.describe_ssl_policies, Names=["none"]) == "SSLPolicyNotFound"


# Listeners


def test_listeners(front: Front) -> None:
    arn = front.listen(FIXED, 20080)
    (found,) = front.elbv2.describe_listeners(ListenerArns=[arn])["Listeners"]
    assert (found["Port"], found["Protocol"], found["LoadBalancerArn"]) == (20080, "HTTP", front.arn)
    given = {"LoadBalancerArn": front.arn, "DefaultActions": [FIXED]}
    create = front.elbv2.create_listener
    assert code_of(create, **given, Protocol="HTTP", Port=20080) == "DuplicateListener"
    assert code_of(create, **given, Protocol="HTTP") == "ValidationError"
    assert code_of(create, **given, Protocol="TCP", Port=20081) == "UnsupportedProtocol"
    assert code_of(create, **given, Protocol="HTTPS", Port=20081) == "ValidationError"
    certificate = [{"CertificateArn": f"arn:aws:acm:{REGION}:000000000000:certificate/none"}]
    secure = {**given, "Protocol": "HTTPS", "Port": 20081, "Certificates": certificate}
    assert code_of(create, **secure) == "CertificateNotFound"
    acm = front.served.client("acm").request_certificate(DomainName="l.test")["CertificateArn"]
    secure["Certificates"] = [{"CertificateArn": acm}]
    assert code_of(create, **secure, SslPolicy="none") == "SSLPolicyNotFound"
    made = create(**secure)["Listeners"][0]
    assert (made["SslPolicy"], made["Certificates"]) == ("ELBSecurityPolicy-2016-08", [{"CertificateArn": acm}])
    listed = front.elbv2.describe_listener_certificates(ListenerArn=made["ListenerArn"])["Certificates"]
    assert listed == [{"CertificateArn": acm, "IsDefault": True}]
    default = {"ListenerArn": made["ListenerArn"], "Certificates": [{"CertificateArn": acm}]}
    assert code_of(front.elbv2.remove_listener_certificates, **default) == "OperationNotPermitted"
    assert code_of(front.elbv2.add_listener_certificates, ListenerArn=arn, Certificates=[]) == "ValidationError"
    plain = front.elbv2.modify_listener(ListenerArn=made["ListenerArn"], Protocol="HTTP")["Listeners"][0]
    assert "Certificates" not in plain
    moved = front.elbv2.modify_listener(ListenerArn=arn, Port=20082, DefaultActions=[fixed("b")])["Listeners"][0]
    assert (moved["Port"], moved["DefaultActions"][0]["FixedResponseConfig"]["MessageBody"]) == (20082, "b")
    assert code_of(front.elbv2.modify_listener, ListenerArn=arn, Port=20081) == "DuplicateListener"
    front.elbv2.delete_listener(ListenerArn=arn)
    assert code_of(front.elbv2.delete_listener, ListenerArn=arn) == "ListenerNotFound"


def test_attributes_of_listeners(front: Front) -> None:
    arn = front.listen(FIXED, 20083)
    of = {"ListenerArn": arn}
    server = {"Key": "routing.http.response.server.enabled", "Value": "false"}
    shown = front.elbv2.modify_listener_attributes(**of, Attributes=[server])["Attributes"]
    assert server in shown
    assert shown == front.elbv2.describe_listener_attributes(**of)["Attributes"]


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"Type": "forward"}, "ValidationError"),
        ({"Type": "redirect"}, "ValidationError"),
        ({"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}, "InvalidLoadBalancerAction"),
        ({"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Path": "x"}}, "ValidationError"),
        ({"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Port": "x"}}, "ValidationError"),
        (
            {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "image/png"}},
            "ValidationError",
        ),
        (
            {
                "Type": "authenticate-cognito",
                "AuthenticateCognitoConfig": {"UserPoolArn": "a", "UserPoolClientId": "b", "UserPoolDomain": "c"},
            },
            "NotImplemented",
        ),
        (
            {
                "Type": "forward",
                "TargetGroupArn": f"arn:aws:elasticloadbalancing:{REGION}:000000000000:targetgroup/no/1",
            },
            "TargetGroupNotFound",
        ),
    ],
)
def test_refusals_of_actions(front: Front, action: dict[str, Any], code: str) -> None:
    given = {"LoadBalancerArn": front.arn, "Protocol": "HTTP", "Port": 20084, "DefaultActions": [action]}
    assert code_of(front.elbv2.create_listener, **given) == code


# Rules


def test_rules(front: Front) -> None:
    listener = front.listen(FIXED, 20085)
    make = front.elbv2.create_rule
    first = make(ListenerArn=listener, Priority=10, Conditions=[PATH_A], Actions=[FIXED])["Rules"][0]
    assert first["Priority"] == "10"
    assert first["Conditions"] == [{**PATH_A, "PathPatternConfig": {"Values": ["/a"]}}]
    again = {"ListenerArn": listener, "Priority": 10, "Conditions": [PATH_A], "Actions": [FIXED]}
    assert code_of(make, **again) == "PriorityInUse"
    assert code_of(make, **{**again, "Priority": 50001}) == "ValidationError"
    second = make(**{**again, "Priority": 20})["Rules"][0]
    rules = front.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in rules] == ["10", "20", "default"]
    default = rules[-1]["RuleArn"]
    assert front.elbv2.describe_rules(RuleArns=[default])["Rules"][0]["IsDefault"] is True
    assert code_of(front.elbv2.delete_rule, RuleArn=default) == "OperationNotPermitted"
    swap = [
        {"RuleArn": first["RuleArn"], "Priority": 20},
        {"RuleArn": second["RuleArn"], "Priority": 10},
    ]
    front.elbv2.set_rule_priorities(RulePriorities=swap)
    rules = front.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["RuleArn"] for rule in rules[:2]] == [second["RuleArn"], first["RuleArn"]]
    taken = [{"RuleArn": first["RuleArn"], "Priority": 10}]
    assert code_of(front.elbv2.set_rule_priorities, RulePriorities=taken) == "PriorityInUse"
    changed = front.elbv2.modify_rule(
        RuleArn=first["RuleArn"], Conditions=[{"Field": "host-header", "Values": ["a.test"]}], Actions=[fixed("x")]
    )["Rules"][0]
    assert changed["Conditions"][0]["HostHeaderConfig"] == {"Values": ["a.test"]}
    front.elbv2.delete_rule(RuleArn=first["RuleArn"])
    assert code_of(front.elbv2.delete_rule, RuleArn=first["RuleArn"]) == "RuleNotFound"


def test_a_load_balancer_has_at_most_a_hundred_rules(front: Front) -> None:
    listener = front.listen(FIXED, 20086)
    given = {"ListenerArn": listener, "Conditions": [PATH_A], "Actions": [FIXED]}
    for priority in range(1, 101):
        front.elbv2.create_rule(**given, Priority=priority)
    assert code_of(front.elbv2.create_rule, **given, Priority=101) == "TooManyRules"


# Target groups


def test_target_groups_of_functions_and_addresses(front: Front) -> None:
    functions = front.elbv2.create_target_group(Name="tg-f", TargetType="lambda")["TargetGroups"][0]
    assert functions["HealthCheckEnabled"] is False
    assert (functions["HealthCheckIntervalSeconds"], functions["HealthCheckTimeoutSeconds"]) == (35, 30)
    assert "Port" not in functions
    given = {"TargetType": "ip", "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-1"}
    addresses = front.elbv2.create_target_group(Name="tg-a", **given)["TargetGroups"][0]
    assert addresses["HealthCheckPort"] == "traffic-port"
    assert addresses["ProtocolVersion"] == "HTTP1"
    arn = addresses["TargetGroupArn"]
    assert front.elbv2.create_target_group(Name="tg-a", **given)["TargetGroups"][0]["TargetGroupArn"] == arn
    assert code_of(front.elbv2.create_target_group, Name="tg-a", **{**given, "Port": 1}) == "DuplicateTargetGroupName"
    changed = front.elbv2.modify_target_group(
        TargetGroupArn=arn, HealthCheckPath="/h", Matcher={"HttpCode": "200-299"}, HealthCheckIntervalSeconds=10
    )["TargetGroups"][0]
    assert (changed["HealthCheckPath"], changed["Matcher"]) == ("/h", {"HttpCode": "200-299"})
    sticky = [{"Key": "stickiness.enabled", "Value": "true"}]
    assert sticky[0] in front.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=sticky)["Attributes"]
    assert sticky[0] in front.elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    front.elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1", "Port": 9}, {"Id": "127.0.0.1"}])
    health = front.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [each["Target"]["Port"] for each in health] == [9, 8080]
    assert health[0]["TargetHealth"]["Reason"] == "Target.NotInUse"
    assert code_of(front.elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1"}]) == "InvalidTarget"
    assert code_of(front.elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": "i-1"}]) == "InvalidTarget"
    front.elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1", "Port": 9}])
    gone = [{"Id": "127.0.0.9"}]
    assert code_of(front.elbv2.deregister_targets, TargetGroupArn=arn, Targets=gone) == "InvalidTarget"
    asked = front.elbv2.describe_target_health(TargetGroupArn=arn, Targets=gone)["TargetHealthDescriptions"]
    assert asked[0]["TargetHealth"]["Reason"] == "Target.NotRegistered"
    front.listen({"Type": "forward", "TargetGroupArn": arn}, 20087)
    (used,) = front.elbv2.describe_target_groups(LoadBalancerArn=front.arn)["TargetGroups"]
    assert used["LoadBalancerArns"] == [front.arn]
    assert code_of(front.elbv2.delete_target_group, TargetGroupArn=arn) == "ResourceInUse"
    front.elbv2.delete_target_group(TargetGroupArn=functions["TargetGroupArn"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"TargetType": "lambda", "Port": 80}, "ValidationError"),
        ({"TargetType": "lambda", "HealthCheckPort": "80"}, "ValidationError"),
        ({"TargetType": "lambda", "HealthCheckTimeoutSeconds": 40}, "ValidationError"),
        ({"TargetType": "lambda", "Matcher": {"HttpCode": "600"}}, "ValidationError"),
        ({"TargetType": "lambda", "HealthCheckPath": "x"}, "ValidationError"),
        ({"TargetType": "ip", "Port": 80, "VpcId": "vpc-1"}, "ValidationError"),
        ({"TargetType": "ip", "Port": 80, "VpcId": "vpc-1", "Protocol": "TLS"}, "NotImplemented"),
        (
            {"TargetType": "ip", "Port": 80, "VpcId": "vpc-1", "Protocol": "HTTP", "ProtocolVersion": "GRPC"},
            "NotImplemented",
        ),
        ({"TargetType": "instance", "Port": 80, "VpcId": "vpc-1", "Protocol": "HTTP"}, "NotImplemented"),
        ({"TargetType": "alb"}, "NotImplemented"),
    ],
)
def test_refusals_of_target_groups(elbv2: Any, given: dict[str, Any], code: str) -> None:
    assert code_of(elbv2.create_target_group, Name="refused", **given) == code


def test_a_function_must_be_there_and_let_the_load_balancer_in(front: Front) -> None:
    group = front.group("guarded")
    functions = front.served.client("lambda")
    register = {"TargetGroupArn": group}
    none = f"arn:aws:lambda:{REGION}:000000000000:function:none"
    assert code_of(front.elbv2.register_targets, **register, Targets=[{"Id": none}]) == "InvalidTarget"
    other = front.group("guarded-other")
    arn = front.function("guarded", "def handler(event, context):\n    return {'statusCode': 200}\n", other)
    # The function's policy names the other group.
    assert code_of(front.elbv2.register_targets, **register, Targets=[{"Id": arn}]) == "AccessDenied"
    functions.add_permission(
        FunctionName="guarded",
        StatementId="any",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
    )
    front.elbv2.register_targets(**register, Targets=[{"Id": arn}])
    assert code_of(front.elbv2.register_targets, **register, Targets=[{"Id": none}]) == "TooManyTargets"
    (health,) = front.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert health["TargetHealth"]["State"] == "unused"


def test_a_target_group_serves_one_load_balancer(front: Front, elbv2: Any) -> None:
    group = front.group("single")
    forward = {"Type": "forward", "TargetGroupArn": group}
    front.listen(forward, 20088)
    other = elbv2.create_load_balancer(Name="other", Subnets=SUBNETS)["LoadBalancers"][0]["LoadBalancerArn"]
    given = {"LoadBalancerArn": other, "Protocol": "HTTP", "Port": 20089, "DefaultActions": [forward]}
    assert code_of(elbv2.create_listener, **given) == "TargetGroupAssociationLimit"
    elbv2.delete_load_balancer(LoadBalancerArn=other)


# Tags


def test_tags(front: Front) -> None:
    listener = front.listen(FIXED, 20090, Tags=[{"Key": "a", "Value": "1"}])
    arns = [front.arn, listener]
    front.elbv2.add_tags(ResourceArns=arns, Tags=[{"Key": "b", "Value": "2"}])
    front.elbv2.remove_tags(ResourceArns=[listener], TagKeys=["a"])
    described = front.elbv2.describe_tags(ResourceArns=arns)["TagDescriptions"]
    assert [each["Tags"] for each in described] == [[{"Key": "b", "Value": "2"}]] * 2
    twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    assert code_of(front.elbv2.add_tags, ResourceArns=arns, Tags=twice) == "DuplicateTagKeys"
    many = [{"Key": f"k{n}", "Value": ""} for n in range(60)]
    assert code_of(front.elbv2.add_tags, ResourceArns=arns, Tags=many) == "TooManyTags"
