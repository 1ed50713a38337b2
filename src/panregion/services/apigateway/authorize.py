"""Lambda authorizers: a function that answers who asks and what they may do, as a policy.

Its answer is kept for its time to live, by the token or the values of the identity sources, and holds for every method
behind the same authorizer of the stage: so a policy that names only the method first asked for denies the others.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec

from panregion.services.apigateway import proxy
from panregion.services.apigateway.invocation import Invocation, last
from panregion.services.apigateway.kept import kept
from panregion.services.apigateway.mapping import common_value, request_value
from panregion.services.apigateway.model import Authorizer, Method
from panregion.services.apigateway.responses import Refusal

DENIED = "User is not authorized to access this resource with an explicit deny in an identity-based policy"


async def authorize(invocation: Invocation, method: Method) -> str | None:
    """Ask the method's authorizer; returns the API key that it names. Raises Refusal."""
    authorizer = invocation.deployed.authorizers.get(method.authorizer_id or "")
    if authorizer is None:
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    answer, latency_ms = await _answer(invocation, authorizer)
    decide(answer.get("policyDocument"), method_arn(invocation))
    context = {name: _plain(value) for name, value in (answer.get("context") or {}).items()}
    invocation.authorizer = {**context, "principalId": answer["principalId"], "integrationLatency": latency_ms}
    invocation.forget_context()
    key = answer.get("usageIdentifierKey")
    return key if isinstance(key, str) else None


async def _answer(invocation: Invocation, authorizer: Authorizer) -> tuple[dict[str, Any], int]:
    """What the function says or said, and how long that took in milliseconds. Raises Refusal."""
    of_token = authorizer.type == "TOKEN"
    event = _token_event(invocation, authorizer) if of_token else _event(invocation, authorizer)
    identity = (event["authorizationToken"],) if of_token else _identities(invocation, authorizer)
    target, now = invocation.target, invocation.here.world.clock.monotonic()
    key = (target.api_id, target.stage, invocation.deployed.id, authorizer.id, *identity)
    ttl_s = authorizer.authorizer_result_ttl_in_seconds or 0
    until, answer = kept(invocation.here).said.get(key, (0.0, None))
    if answer is not None and ttl_s and until > now:
        return answer, 0
    answer = await _ask(invocation, authorizer, event)
    if ttl_s and identity:
        kept(invocation.here).keep_answer(key, now + ttl_s, answer)
    return answer, int((invocation.here.world.clock.monotonic() - now) * 1000)


def _identities(invocation: Invocation, authorizer: Authorizer) -> tuple[str, ...]:
    sources = [source.strip() for source in (authorizer.identity_source or "").split(",")]
    return tuple(str(_identity(invocation, source)) for source in sources if source)


def method_arn(invocation: Invocation) -> str:
    """The ARN of what is asked for, as policies name it."""
    here, target = invocation.here, invocation.target
    path = target.path.lstrip("/")
    resource = f"{target.api_id}/{target.stage}/{invocation.request.method}/{path}"
    return here.arn("execute-api", resource)


def _token_event(invocation: Invocation, authorizer: Authorizer) -> dict[str, Any]:
    token = request_value(invocation, authorizer.identity_source or "method.request.header.Authorization")
    if not token:
        raise Refusal("UNAUTHORIZED")
    expression = authorizer.identity_validation_expression
    if expression and not _compiled(expression).fullmatch(token):
        raise Refusal("UNAUTHORIZED")
    return {"type": "TOKEN", "methodArn": method_arn(invocation), "authorizationToken": token}


def _event(invocation: Invocation, authorizer: Authorizer) -> dict[str, Any]:
    if authorizer.authorizer_result_ttl_in_seconds:
        for source in (authorizer.identity_source or "").split(","):
            if source.strip() and not _identity(invocation, source.strip()):
                raise Refusal("UNAUTHORIZED")
    assert invocation.match is not None
    return {
        "type": "REQUEST",
        "methodArn": method_arn(invocation),
        "resource": invocation.match.resource.path,
        "path": invocation.target.event_path,
        "httpMethod": invocation.request.method,
        "headers": last(invocation.headers),
        "multiValueHeaders": invocation.headers,
        "queryStringParameters": last(invocation.query),
        "multiValueQueryStringParameters": invocation.query,
        "pathParameters": invocation.parameters,
        "stageVariables": invocation.variables,
        "requestContext": invocation.context,
    }


def _identity(invocation: Invocation, source: str) -> Any:
    if source.startswith(("context.", "stageVariables.")):
        return common_value(invocation, source)
    return request_value(invocation, source)


async def _ask(invocation: Invocation, authorizer: Authorizer, event: dict[str, Any]) -> dict[str, Any]:
    """The function's answer, of the right form. Raises Refusal."""
    try:
        result = await proxy.invoke(invocation, authorizer.authorizer_uri or "", msgspec.json.encode(event))
    except Refusal as refusal:
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR") from refusal
    try:
        answer = msgspec.json.decode(result.get("Payload") or b"")
    except msgspec.DecodeError as error:
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR") from error
    if result.get("FunctionError"):
        unauthorized = isinstance(answer, dict) and answer.get("errorMessage") == "Unauthorized"
        raise Refusal("UNAUTHORIZED" if unauthorized else "AUTHORIZER_FAILURE")
    if not isinstance(answer, dict) or not isinstance(answer.get("principalId"), str):
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    if not isinstance(answer.get("context") or {}, dict):
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    return answer


def _plain(value: Any) -> str:
    """Context values are flat, and handed on as text."""
    if isinstance(value, (dict, list)) or value is None:
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    return str(value).lower() if isinstance(value, bool) else str(value)


def decide(policy: Any, arn: str) -> None:
    """Return if the policy allows the ARN to be invoked. Raises Refusal."""
    if not isinstance(policy, dict):
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR")
    effects = {
        statement.get("Effect")
        for statement in _listed(policy.get("Statement"))
        if isinstance(statement, dict) and _covers(statement, arn)
    }
    if "Deny" in effects:
        raise Refusal("ACCESS_DENIED", DENIED)
    if "Allow" not in effects:
        raise Refusal("ACCESS_DENIED")


def _covers(statement: dict[str, Any], arn: str) -> bool:
    return any(_like(action, "execute-api:Invoke") for action in _listed(statement.get("Action"))) and any(
        _like(resource, arn) for resource in _listed(statement.get("Resource"))
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _like(pattern: Any, text: str) -> bool:
    """IAM's wildcards: `*` is anything, also slashes; `?` one character."""
    if not isinstance(pattern, str):
        return False
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return _compiled(f"(?is:{expression})").fullmatch(text) is not None


@lru_cache(1024)
def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise Refusal("AUTHORIZER_CONFIGURATION_ERROR") from error
