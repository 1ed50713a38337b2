"""Resource policies: kept and told, not yet enforced."""

import msgspec

from panregion.services import Here, reads
from panregion.services.lambda_ import layout
from panregion.services.lambda_.errors import (
    PolicyLengthExceededException,
    ResourceConflictException,
    ResourceNotFoundException,
    not_latest_revision,
)
from panregion.services.lambda_.model import Json, Policy
from panregion.services.lambda_.names import parse

POLICY_MAX_BYTES = 20_480


def principal_of(principal: str) -> str | dict[str, str]:
    if principal == "*":
        return "*"
    if principal.isdigit() and len(principal) == 12:
        return {"AWS": f"arn:aws:iam::{principal}:root"}
    return {"AWS" if principal.startswith("arn:") else "Service": principal}


def condition_of(conditions: dict[str, tuple[str, str | None]]) -> Json:
    """AWS's condition block out of {key: (operator, value)}."""
    block: Json = {}
    for key, (operator, value) in conditions.items():
        if value is not None:
            block.setdefault(operator, {})[key] = value
    return {"Condition": block} if block else {}


def add_permission(
    here: Here,
    function_name: str,
    statement_id: str,
    action: str,
    principal: str,
    source_arn: str | None = None,
    function_url_auth_type: str | None = None,
    invoked_via_function_url: bool | None = None,
    source_account: str | None = None,
    event_source_token: str | None = None,
    qualifier: str | None = None,
    revision_id: str | None = None,
    principal_org_id: str | None = None,
) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    layout.resolve(here, name, qualifier)
    function = layout.require_function(here, name)
    policy = function.policies.get(qualifier or "", Policy(""))
    if revision_id not in (None, policy.revision):
        raise not_latest_revision()
    if statement_id in policy.statements:
        raise ResourceConflictException(
            f"The statement id ({statement_id}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement.",
            Type="User",
        )
    via_url = None if invoked_via_function_url is None else str(invoked_via_function_url).lower()
    condition = condition_of(
        {
            "AWS:SourceArn": ("ArnLike", source_arn),
            "AWS:SourceAccount": ("StringEquals", source_account),
            "lambda:FunctionUrlAuthType": ("StringEquals", function_url_auth_type),
            "lambda:EventSourceToken": ("StringEquals", event_source_token),
            "aws:PrincipalOrgID": ("StringEquals", principal_org_id),
            "lambda:InvokedViaFunctionUrl": ("Bool", via_url),
        }
    )
    statement: Json = {
        "Sid": statement_id,
        "Effect": "Allow",
        "Principal": principal_of(principal),
        "Action": action,
        "Resource": layout.arn_of(here, name, qualifier),
        **condition,
    }
    put_policy(here, name, qualifier, {**policy.statements, statement_id: statement})
    return {"Statement": msgspec.json.encode(statement).decode()}


def put_policy(here: Here, name: str, qualifier: str | None, statements: dict[str, Json]) -> None:
    function = layout.require_function(here, name)
    policy = Policy(here.world.chance.uuid(), statements)
    if len(policy.text()) > POLICY_MAX_BYTES:
        raise PolicyLengthExceededException(
            f"The final policy size ({len(policy.text())}) is bigger than the limit ({POLICY_MAX_BYTES}).", Type="User"
        )
    policies = {**function.policies, qualifier or "": policy}
    if not statements:
        del policies[qualifier or ""]
    layout.put_function(here.tx, msgspec.structs.replace(function, policies=policies))


def require_policy(here: Here, name: str, qualifier: str | None) -> Policy:
    policy = layout.require_function(here, name, qualifier).policies.get(qualifier or "")
    if policy is None:
        raise ResourceNotFoundException("The resource you requested does not exist.", Type="User")
    return policy


@reads
def get_policy(here: Here, function_name: str, qualifier: str | None = None) -> Json:
    name, qualifier = parse(function_name, qualifier, here.region)
    policy = require_policy(here, name, qualifier)
    return {"Policy": policy.text(), "RevisionId": policy.revision}


def remove_permission(
    here: Here,
    function_name: str,
    statement_id: str,
    qualifier: str | None = None,
    revision_id: str | None = None,
) -> None:
    name, qualifier = parse(function_name, qualifier, here.region)
    layout.require_function(here, name, qualifier)
    policy = layout.require_function(here, name).policies.get(qualifier or "", Policy(""))
    if statement_id not in policy.statements:
        raise ResourceNotFoundException(f"Statement {statement_id} is not found in resource policy.", Type="User")
    if revision_id not in (None, policy.revision):
        raise not_latest_revision()
    left = {sid: statement for sid, statement in policy.statements.items() if sid != statement_id}
    put_policy(here, name, qualifier, left)
