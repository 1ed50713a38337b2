"""Whether a request may pass: a signature that is there, a token of an issuer, or a function that says so.

An authorizer's answer is kept for its time to live, by the values of its identity sources; of a request without one of
them the function is not asked at all. The decisions are pure; `authorize` asks.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec

from panregion.functions.web import WebCall, event, parse_query
from panregion.services import Here
from panregion.services.apigatewayv2.model import Authorizer
from panregion.services.apigatewayv2.payload import event_1
from panregion.services.apigatewayv2.routing import Match
from panregion.services.apigatewayv2.tokens import InvalidToken, MissingScope, verified
from panregion.services.callers import Signer, signer
from panregion.wire import AwsError

Json = dict[str, Any]

KEPT_MAX = 10_000


FUNCTION_URI = re.compile(r"arn:aws[\w-]*:apigateway:[^:]+:lambda:path/\d{4}-\d{2}-\d{2}/functions/(.+)/invocations")
STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")


class Refused(Exception):
    """The request does not pass. `challenge` is for a header WWW-Authenticate."""

    def __init__(self, status: int, message: str, challenge: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.challenge = challenge


UNAUTHORIZED = (401, "Unauthorized")
FORBIDDEN = (403, "Forbidden")
BROKEN = (500, "Internal Server Error")


class Verdict(NamedTuple):
    """What an authorizer said."""

    allowed: bool
    context: Json


def function_of(uri: str, variables: Mapping[str, str]) -> str:
    """The function that an integration's or authorizer's URI names, stage variables filled in."""
    filled = STAGE_VARIABLE.sub(lambda found: variables.get(found[1], ""), uri)
    found = FUNCTION_URI.fullmatch(filled)
    return found[1] if found else filled


def identity(call: WebCall, authorizer: Authorizer) -> tuple[str, ...]:
    """The values of the identity sources. Raises Refused where one is missing."""
    values = tuple(_value(call, source) for source in authorizer.identity_source)
    if not all(values):
        raise Refused(*UNAUTHORIZED)
    return values


def _value(call: WebCall, source: str) -> str:
    kind, _, name = source.removeprefix("$request.").removeprefix("$").partition(".")
    if kind == "header":
        return call.request.header(name.lower()) or ""
    if kind == "querystring":
        return ",".join(parse_query(call.request.query).get(name, []))
    if kind == "stageVariables":
        return call.variables.get(name, "")
    known = {"identity.sourceIp": call.request.peer, "routeKey": call.route_key, "stage": call.stage}
    return known.get(name, "")


def question(call: WebCall, authorizer: Authorizer, arn: str, values: tuple[str, ...]) -> Json:
    """What the function is asked: the request's event, with what it is about."""
    asked: Json = {"type": "REQUEST", "identitySource": list(values) or None}
    if authorizer.authorizer_payload_format_version == "1.0":
        told = event_1(call)
        for name in ("body", "isBase64Encoded"):
            del told[name]
        token = values[0] if values else None
        return {**told, **asked, "methodArn": arn, "identitySource": ",".join(values), "authorizationToken": token}
    told = event(call)
    told.pop("body", None)
    del told["isBase64Encoded"]
    return {**told, **asked, "routeArn": arn}


def verdict(answer: Any, authorizer: Authorizer, arn: str) -> Verdict:
    """What an answer says. Raises Refused for one of a wrong form."""
    if not isinstance(answer, dict) or not isinstance(answer.get("context") or {}, dict):
        raise Refused(*BROKEN)
    context = answer.get("context") or {}
    if authorizer.enable_simple_responses:
        if not isinstance(answer.get("isAuthorized"), bool):
            raise Refused(*BROKEN)
        return Verdict(answer["isAuthorized"], context)
    policy = answer.get("policyDocument")
    if not isinstance(policy, dict) or not isinstance(answer.get("principalId"), str):
        raise Refused(*BROKEN)
    effects = {each.get("Effect") for each in _listed(policy.get("Statement")) if _covers(each, arn)}
    allowed = "Allow" in effects and "Deny" not in effects
    return Verdict(allowed, {**context, "principalId": answer["principalId"]})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _covers(statement: Any, arn: str) -> bool:
    if not isinstance(statement, dict):
        return False
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    invokes = any(fnmatchcase("execute-api:invoke", str(action).lower()) for action in actions)
    return invokes and any(fnmatchcase(arn, str(resource)) for resource in resources)


async def authorize(here: Here, call: WebCall, match: Match) -> Json | None:
    """What `requestContext.authorizer` says of who asks; None where nobody was asked. Raises Refused."""
    kind = match.route.authorization_type
    if kind == "NONE":
        return None
    if kind == "AWS_IAM":
        who = signer(here, call.request)
        if who is None:
            raise Refused(*FORBIDDEN)
        return {"iam": _shown(who)}
    if match.authorizer is None:
        raise Refused(*BROKEN)
    if kind == "JWT":
        return {"jwt": await _token(here, call, match)}
    found = await _ask(here, call, match.authorizer)
    if not found.allowed:
        raise Refused(*FORBIDDEN)
    return {"lambda": found.context}


def shown(found: Json | None, version: str) -> Json | None:
    """What an event says of who asks: format 2.0 names the kind of authorizer, 1.0 does not."""
    if found is None or version != "1.0":
        return found
    [inner] = found.values()
    return dict(inner)


def _shown(who: Signer) -> Json:
    return {
        "accessKey": who.access_key,
        "accountId": who.account_id,
        "callerId": who.account_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": who.arn,
        "userId": who.account_id,
    }


async def _token(here: Here, call: WebCall, match: Match) -> Json:
    """The claims of the token that came. Raises Refused."""
    authorizer = match.authorizer
    assert authorizer is not None
    [source] = authorizer.identity_source
    token = _value(call, source)
    if not token:
        raise Refused(*UNAUTHORIZED, "Bearer")
    scopes = match.route.authorization_scopes or []
    try:
        return await verified(here, token, authorizer.jwt_configuration or {}, scopes)
    except MissingScope as error:
        raise Refused(*FORBIDDEN, f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope"') from error
    except InvalidToken as error:
        raise Refused(*UNAUTHORIZED, f'Bearer error="invalid_token" error_description="{error}"') from error


async def _ask(here: Here, call: WebCall, authorizer: Authorizer) -> Verdict:
    values = identity(call, authorizer)
    kept: dict[tuple[str, ...], tuple[float, Verdict]] = here.running.setdefault("apigatewayv2-authorizers", {})
    key = (call.api_id, call.stage, authorizer.authorizer_id, *values)
    known = kept.get(key)
    if known is not None and known[0] > call.now:
        return known[1]
    found = await _answer(here, call, authorizer, values)
    if authorizer.authorizer_result_ttl_in_seconds:
        if len(kept) >= KEPT_MAX:
            kept.clear()
        kept[key] = (call.now + authorizer.authorizer_result_ttl_in_seconds, found)
    return found


def forget_answers(here: Here, api_id: str, stage: str) -> None:
    """Have a stage's authorizers asked again."""
    kept: dict[tuple[str, ...], Any] = here.running.get("apigatewayv2-authorizers", {})
    for key in [key for key in kept if key[:2] == (api_id, stage)]:
        del kept[key]


async def _answer(here: Here, call: WebCall, authorizer: Authorizer, values: tuple[str, ...]) -> Verdict:
    method, path = call.request.method, call.raw_path.lstrip("/")
    arn = here.arn("execute-api", f"{call.api_id}/{call.stage}/{method}/{path}")
    name = function_of(authorizer.authorizer_uri, call.variables)
    payload = msgspec.json.encode(question(call, authorizer, arn, values))
    try:
        answer = await here.request("lambda", "Invoke", {"FunctionName": name, "Payload": payload})
        if answer.get("FunctionError"):
            raise Refused(*BROKEN)
        return verdict(msgspec.json.decode(answer.get("Payload") or b"null"), authorizer, arn)
    except (AwsError, msgspec.DecodeError) as error:
        raise Refused(*BROKEN) from error
