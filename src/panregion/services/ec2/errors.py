"""EC2's errors; the model names none of them."""

from panregion.wire import AwsError


def not_found(kind: str, thing_id: str) -> AwsError:
    """Invalid<Kind>ID.NotFound, as EC2 words it for most of its things."""
    names = {"vpc": "vpc ID", "subnet": "subnet ID", "internetGateway": "internetGateway ID"}
    code = {
        "vpc": "InvalidVpcID.NotFound",
        "subnet": "InvalidSubnetID.NotFound",
        "internetGateway": "InvalidInternetGatewayID.NotFound",
        "routeTable": "InvalidRouteTableID.NotFound",
        "security group": "InvalidGroup.NotFound",
    }[kind]
    return AwsError.of(code, f"The {names.get(kind, kind)} '{thing_id}' does not exist")


def missing(parameter: str) -> AwsError:
    return AwsError.of("MissingParameter", f"The request must contain the parameter {parameter}")


def invalid_value(parameter: str, value: object, why: str = "Value is invalid") -> AwsError:
    return AwsError.of("InvalidParameterValue", f"Value ({value}) for parameter {parameter} is invalid. {why}")


def in_use(kind: str, thing_id: str) -> AwsError:
    return AwsError.of("DependencyViolation", f"The {kind} '{thing_id}' has dependencies and cannot be deleted.")


def default_kept(thing_id: str) -> AwsError:
    return AwsError.of(
        "OperationNotPermitted",
        f"{thing_id} is part of panregion's default VPC, which can be neither changed nor deleted",
    )
