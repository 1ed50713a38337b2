"""CloudFormation's types of load balancing and of the network around it, as one stack: created, changed, deleted."""

import copy
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.elbv2.talk import ask, until
from tests.support import ServedRegion

ROLE = "arn:aws:iam::000000000000:role/r"
SOURCE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'from the function'}\n"

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": "true"}},
        "Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {"Tags": [{"Key": "a", "Value": "1"}]}},
        "Attachment": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": {"Ref": "Network"}, "InternetGatewayId": {"Ref": "Gateway"}},
        },
        **{
            f"Subnet{n}": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {
                    "VpcId": {"Ref": "Network"},
                    "CidrBlock": f"10.0.{n}.0/24",
                    "AvailabilityZone": {"Fn::Select": [n, {"Fn::GetAZs": ""}]},
                    "MapPublicIpOnLaunch": True,
                },
            }
            for n in (0, 1)
        },
        "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Network"}}},
        "Route": {
            "Type": "AWS::EC2::Route",
            "DependsOn": "Attachment",
            "Properties": {
                "RouteTableId": {"Ref": "Routes"},
                "DestinationCidrBlock": "0.0.0.0/0",
                "GatewayId": {"Ref": "Gateway"},
            },
        },
        "Association": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"RouteTableId": {"Ref": "Routes"}, "SubnetId": {"Ref": "Subnet0"}},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "web",
                "VpcId": {"Ref": "Network"},
                "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}],
            },
        },
        "GroupIngress": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                "GroupId": {"Ref": "Group"},
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIp": "0.0.0.0/0",
            },
        },
        "Balancer": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "Subnets": [{"Ref": "Subnet0"}, {"Ref": "Subnet1"}],
                "SecurityGroups": [{"Ref": "Group"}],
                "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "30"}],
            },
        },
        "Listener": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Balancer"},
                "Port": "80",
                "Protocol": "HTTP",
                "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": 404}}],
            },
        },
        "Secure": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Balancer"},
                "Port": 443,
                "Protocol": "HTTPS",
                "Certificates": [{"CertificateArn": {"Ref": "First"}}],
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
            },
        },
        "First": {"Type": "AWS::CertificateManager::Certificate", "Properties": {"DomainName": "a.stack.test"}},
        "Second": {"Type": "AWS::CertificateManager::Certificate", "Properties": {"DomainName": "b.stack.test"}},
        "More": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerCertificate",
            "Properties": {"ListenerArn": {"Ref": "Secure"}, "Certificates": [{"CertificateArn": {"Ref": "Second"}}]},
        },
        "Rule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Listener"},
                "Priority": 5,
                "Conditions": [{"Field": "path-pattern", "Values": ["/f"]}],
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
            },
        },
        "Targets": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "DependsOn": "Permission",
            "Properties": {
                "TargetType": "lambda",
                "Targets": [{"Id": {"Fn::GetAtt": ["Function", "Arn"]}}],
                "TargetGroupAttributes": [{"Key": "lambda.multi_value_headers.enabled", "Value": "false"}],
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "index.handler",
                "Runtime": "python3.11",
                "Role": ROLE,
                "Code": {"ZipFile": SOURCE},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Fn::GetAtt": ["Function", "Arn"]},
                "Action": "lambda:InvokeFunction",
                "Principal": "elasticloadbalancing.amazonaws.com",
            },
        },
    },
    "Outputs": {
        "Arn": {"Value": {"Ref": "Balancer"}},
        "Name": {"Value": {"Fn::GetAtt": ["Balancer", "DNSName"]}},
        "Zone": {"Value": {"Fn::GetAtt": ["Balancer", "CanonicalHostedZoneID"]}},
        "Full": {"Value": {"Fn::GetAtt": ["Targets", "TargetGroupFullName"]}},
        "Vpc": {"Value": {"Ref": "Network"}},
    },
}


def wait(client: Any, what: str) -> dict[str, str]:
    client.get_waiter(f"stack_{what}_complete").wait(StackName="web", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    if what == "delete":
        return {}
    (stack,) = client.describe_stacks(StackName="web")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def test_a_whole_front_door_as_a_stack(balanced: ServedRegion, elbv2: Any) -> None:
    stacks = balanced.client("cloudformation")
    stacks.create_stack(StackName="web", TemplateBody=json.dumps(TEMPLATE), Tags=[{"Key": "team", "Value": "x"}])
    made = wait(stacks, "create")
    assert made["Zone"] == "Z35SXDOTRQ7X7K"
    assert made["Full"].startswith("targetgroup/web-Targets-")
    address = f"127.0.1.{int(made['Name'].split('.')[0][-3:])}"
    port = balanced.region.settings.ports.gateway
    until(lambda: ask(address, port, "/f").body == b"from the function")
    assert ask(address, port, "/g").status == 404
    (balancer,) = elbv2.describe_load_balancers(LoadBalancerArns=[made["Arn"]])["LoadBalancers"]
    assert balancer["VpcId"] == made["Vpc"]
    (tags,) = elbv2.describe_tags(ResourceArns=[made["Arn"]])["TagDescriptions"]
    assert {"Key": "team", "Value": "x"} in tags["Tags"]

    changed = copy.deepcopy(TEMPLATE)
    changed["Resources"]["Rule"]["Properties"] |= {
        "Priority": 7,
        "Conditions": [{"Field": "path-pattern", "Values": ["/h"]}],
    }
    del changed["Resources"]["More"]
    changed["Resources"]["Group"]["Properties"]["SecurityGroupIngress"][0]["CidrIp"] = "10.0.0.0/8"
    changed["Resources"]["Targets"]["Properties"]["HealthCheckEnabled"] = True
    stacks.update_stack(StackName="web", TemplateBody=json.dumps(changed))
    assert wait(stacks, "update")["Arn"] == made["Arn"]
    until(lambda: ask(address, port, "/h").body == b"from the function")
    assert ask(address, port, "/f").status == 404
    listeners = elbv2.describe_listeners(LoadBalancerArn=made["Arn"])["Listeners"]
    secure = next(each["ListenerArn"] for each in listeners if each["Port"] == 443)
    assert len(elbv2.describe_listener_certificates(ListenerArn=secure)["Certificates"]) == 1

    stacks.delete_stack(StackName="web")
    wait(stacks, "delete")
    with pytest.raises(ClientError, match="LoadBalancerNotFound"):
        elbv2.describe_load_balancers(LoadBalancerArns=[made["Arn"]])
    with pytest.raises(ClientError, match="NotFound"):
        balanced.client("ec2").describe_vpcs(VpcIds=[made["Vpc"]])
