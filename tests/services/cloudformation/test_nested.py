"""Nested stacks, in a region whose worker runs parent and child side by side."""

from tests.support import ServedRegion

CHILD = """
Parameters: {V: {Type: String}}
Resources: {P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref V}}}
Outputs: {Name: {Value: !Ref P}}
"""
PARENT = """
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://s3.amazonaws.com/nested-templates/child.yaml", Parameters: {V: %s}}
Outputs: {Name: {Value: !GetAtt Child.Outputs.Name}}
"""
QUICK = {"Delay": 0, "MaxAttempts": 500}


def test_a_nested_stack_comes_changes_and_goes(served: ServedRegion) -> None:
    s3, cloudformation, ssm = served.client("s3"), served.client("cloudformation"), served.client("ssm")
    s3.create_bucket(Bucket="nested-templates")
    s3.put_object(Bucket="nested-templates", Key="child.yaml", Body=CHILD.encode())
    cloudformation.create_stack(StackName="parent", TemplateBody=PARENT % "one")
    cloudformation.get_waiter("stack_create_complete").wait(StackName="parent", WaiterConfig=QUICK)
    [stack] = cloudformation.describe_stacks(StackName="parent")["Stacks"]
    name = stack["Outputs"][0]["OutputValue"]
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "one"
    cloudformation.update_stack(StackName="parent", TemplateBody=PARENT % "two")
    cloudformation.get_waiter("stack_update_complete").wait(StackName="parent", WaiterConfig=QUICK)
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "two"
    cloudformation.delete_stack(StackName="parent")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="parent", WaiterConfig=QUICK)
    assert ssm.get_parameters(Names=[name])["Parameters"] == []
