"""JWT authorizers: an issuer on a real port, its keys discovered over HTTP, good tokens and bad ones."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from panregion.wire import AwsError
from panregion.world import HttpServer, Request, Response, serve
from tests.services.apigateway.lab import FUNCTION_ARN, json_of
from tests.services.apigatewayv2.lab import HttpLab, proxy

NOW = 1_428_582_896


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Issuer:
    """Serves its configuration and the public keys of `names`."""

    names: list[str] = field(default_factory=lambda: ["k1"])
    asked: list[str] = field(default_factory=list)
    server: HttpServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.port}"

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request.path)
        if request.path == "/.well-known/openid-configuration":
            return Response(200, [], msgspec.json.encode({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}))
        encode = jwt.algorithms.RSAAlgorithm.to_jwk
        keys = [{**encode(rsa_key(name).public_key(), as_dict=True), "kid": name, "use": "sig"} for name in self.names]
        return Response(200, [], msgspec.json.encode({"keys": [{"kty": "EC", "kid": "other"}, *keys]}))

    def token(self, name: str = "k1", key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        given = {"iss": self.url, "aud": "me", "exp": NOW + 60, "sub": "u", **claims}
        kept = {name: value for name, value in given.items() if value is not None}
        return jwt.encode(kept, key or rsa_key(name), algorithm=algorithm, headers={"kid": name})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer()
    issuer.server = await serve(issuer, "127.0.0.1", 0)
    yield issuer
    await issuer.server.close()


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[HttpLab]:
    lab = HttpLab(tmp_path)
    lab.functions[FUNCTION_ARN] = lambda event: event
    yield lab
    await lab.region.dispatch.close()


async def guarded(lab: HttpLab, issuer: Issuer, *, version: str = "2.0", scopes: list[str] | None = None) -> str:
    """An API whose one route wants a token of this issuer, from an OpenAPI document as SAM writes it."""
    authorizer = {
        "type": "jwt",
        "jwtConfiguration": {"issuer": issuer.url, "audience": ["me", "us"]},
        "identitySource": "$request.header.Authorization",
    }
    scheme = {"type": "oauth2", "x-amazon-apigateway-authorizer": authorizer}
    route = {**proxy(version), "security": [{"Tokens": scopes or []}]}
    return await lab.api({"/a": {"get": route}}, components={"securitySchemes": {"Tokens": scheme}})


async def ask(lab: HttpLab, api: str, token: str | None) -> Response:
    headers = [] if token is None else [("Authorization", token)]
    return await lab.get(api, "/a", headers=headers)


async def test_a_good_token_passes_and_its_claims_are_shown(lab: HttpLab, issuer: Issuer) -> None:
    api = await guarded(lab, issuer)
    token = issuer.token(groups=["a", "b"], admin=True, iat=NOW, nbf=NOW)
    for sent in (f"Bearer {token}", token, f"bearer {token}"):
        event = json_of(await ask(lab, api, sent))
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["groups"], claims["admin"], claims["exp"]) == ("[a b]", "true", str(NOW + 60))
    assert event["requestContext"]["authorizer"]["jwt"]["scopes"] is None
    assert issuer.asked == ["/.well-known/openid-configuration", "/jwks"], "the keys are kept"


async def test_payload_format_1_0_shows_the_claims_without_their_kind(lab: HttpLab, issuer: Issuer) -> None:
    api = await guarded(lab, issuer, version="1.0", scopes=["read"])
    lab.functions[FUNCTION_ARN] = lambda event: {"statusCode": 200, "body": event}
    event = json_of(await ask(lab, api, issuer.token(scope="read write")))
    authorizer = event["requestContext"]["authorizer"]
    assert (authorizer["claims"]["sub"], authorizer["scopes"]) == ("u", ["read", "write"])


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": NOW}, "the token has expired"),
        ({"exp": None}, "the token has expired"),
        ({"exp": True}, "the token has expired"),
        ({"nbf": NOW + 1}, "the token is not valid yet"),
        ({"iat": NOW + 1}, "the token is not valid yet"),
        ({"iss": "http://127.0.0.1/other"}, "the token has an invalid issuer"),
        ({"aud": "them"}, "the token does not have a valid audience"),
        ({"aud": None}, "the token does not have a valid audience"),
        ({"aud": ["them"], "client_id": "me"}, "the token does not have a valid audience"),
        ({"name": "k2"}, "unable to find the token's key"),
        ({"key": "x" * 32, "algorithm": "HS256"}, "signing method is invalid"),
        ({"key": ec.generate_private_key(ec.SECP256R1()), "algorithm": "ES256"}, "signing method is invalid"),
        ({"key": rsa_key("k3")}, "the token's signature is invalid"),
    ],
)
async def test_a_bad_token_does_not_pass(lab: HttpLab, issuer: Issuer, claims: dict[str, Any], said: str) -> None:
    api = await guarded(lab, issuer)
    answer = await ask(lab, api, issuer.token(**claims))
    assert (answer.status, json_of(answer)) == (401, {"message": "Unauthorized"})
    assert dict(answer.headers)["www-authenticate"] == f'Bearer error="invalid_token" error_description="{said}"'


@pytest.mark.parametrize("claims", [{"aud": ["them", "us"]}, {"aud": None, "client_id": "me"}])
async def test_one_of_the_audiences_is_enough(lab: HttpLab, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert (await ask(lab, await guarded(lab, issuer), issuer.token(**claims))).status == 200


@pytest.mark.parametrize(("token", "header"), [(None, "Bearer"), ("Bearer x.y", "not a JSON web token")])
async def test_no_token_and_no_tokens_form(lab: HttpLab, issuer: Issuer, token: str | None, header: str) -> None:
    answer = await ask(lab, await guarded(lab, issuer), token)
    assert answer.status == 401
    assert header in dict(answer.headers)["www-authenticate"]


async def test_scopes(lab: HttpLab, issuer: Issuer) -> None:
    api = await guarded(lab, issuer, scopes=["read", "all"])
    for claims, status in (
        ({"scope": "write all"}, 200),
        ({"scp": ["read"]}, 200),
        ({"scope": "write"}, 403),
        ({}, 403),
    ):
        assert (await ask(lab, api, issuer.token(**claims))).status == status
    refused = dict((await ask(lab, api, issuer.token())).headers)
    assert refused["www-authenticate"] == 'Bearer scope="read all" error="insufficient_scope"'


async def test_a_new_key_is_fetched_at_most_once_a_minute_and_an_old_one_forgotten(
    lab: HttpLab, issuer: Issuer
) -> None:
    api = await guarded(lab, issuer)
    long: dict[str, Any] = {"exp": NOW + 100_000}
    assert (await ask(lab, api, issuer.token(**long))).status == 200
    issuer.names = ["k2"]
    assert (await ask(lab, api, issuer.token("k2", **long))).status == 401
    await lab.clock.advance(61)
    assert (await ask(lab, api, issuer.token("k2", **long))).status == 200
    issuer.names = ["k4"]
    assert (await ask(lab, api, issuer.token("k2", **long))).status == 200
    await lab.clock.advance(7200)
    assert (await ask(lab, api, issuer.token("k2", **long))).status == 401


async def test_an_issuer_that_does_not_answer(lab: HttpLab, issuer: Issuer) -> None:
    api = await guarded(lab, issuer)
    token = issuer.token()
    assert issuer.server is not None
    await issuer.server.close()
    assert (await ask(lab, api, token)).status == 401


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"JwtConfiguration": {"Issuer": "https://i"}}, "with an Issuer and an Audience"),
        ({"JwtConfiguration": {"Issuer": "i", "Audience": ["a"]}}, "Issuer must be a URL"),
        ({"IdentitySource": []}, "one identity source"),
        ({"IdentitySource": ["$context.stage"]}, "one identity source"),
        ({"AuthorizerUri": "u"}, "only supported for REQUEST"),
    ],
)
async def test_what_cannot_be_an_authorizer_of_tokens(lab: HttpLab, changes: dict[str, Any], said: str) -> None:
    api = (await lab.ask("CreateApi", Name="a", ProtocolType="HTTP"))["ApiId"]
    given = {
        "Name": "g",
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://i.example", "Audience": ["a"]},
    }
    with pytest.raises(AwsError, match=said):
        await lab.ask("CreateAuthorizer", ApiId=api, **{**given, **changes})
    made = await lab.ask("CreateAuthorizer", ApiId=api, **given)
    with pytest.raises(AwsError, match="already exists"):
        await lab.ask("CreateAuthorizer", ApiId=api, **given)
    kind = {"AuthorizationType": "CUSTOM", "AuthorizerId": made["AuthorizerId"]}
    with pytest.raises(AwsError, match="needs an authorizer of the type REQUEST"):
        await lab.ask("CreateRoute", ApiId=api, RouteKey="GET /", **kind)
    with pytest.raises(AwsError, match="AuthorizationScopes are only supported"):
        await lab.ask("CreateRoute", ApiId=api, RouteKey="GET /", AuthorizationScopes=["a"])


async def test_a_signature_is_asked_for_and_shown(lab: HttpLab) -> None:
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
    route = {**proxy(), "security": [{"Iam": []}]}
    api = await lab.api({"/a": {"get": route}}, components={"securitySchemes": {"Iam": scheme}})
    assert (await ask(lab, api, None)).status == 403
    signature = "AWS4-HMAC-SHA256 Credential=AKID/20150409/us-east-1/execute-api/aws4_request, Signature=x"
    iam = json_of(await ask(lab, api, signature))["requestContext"]["authorizer"]["iam"]
    assert (iam["accessKey"], iam["accountId"]) == ("AKID", "000000000000")
