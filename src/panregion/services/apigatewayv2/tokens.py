"""JSON Web Tokens of an issuer: its keys, found by OpenID Connect's discovery over HTTP, and the token's claims.

The signature is checked by PyJWT; the claims that speak of time are checked here, by the world's clock. An issuer's
keys are kept for two hours, as API Gateway keeps them; a token that names a key that is not among them has them
fetched anew, at most once a minute.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

from panregion.services import Here, web
from panregion.world import ClientError

ALGORITHMS = ("RS256", "RS384", "RS512")
"""API Gateway takes RSA only."""

KEYS_KEPT_S = 7200.0
FETCH_AGAIN_S = 60.0
FETCH_TIMEOUT_S = 1.5
DISCOVERY = "/.well-known/openid-configuration"

Json = dict[str, Any]


class InvalidToken(Exception):
    """The token is not to be trusted; says why."""


class MissingScope(Exception):
    """The token is good, and lets its bearer do something else."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An issuer's public keys by their identifiers, and when they were fetched (monotonic seconds)."""

    by_id: dict[str, Any]
    fetched_at: float


async def verified(here: Here, token: str, configuration: Json, scopes: list[str]) -> Json:
    """`{"claims", "scopes"}` of a token, its claims as text. Raises InvalidToken, MissingScope."""
    bare = token[7:] if token[:7].lower() == "bearer " else token
    try:
        header = jwt.get_unverified_header(bare)
    except jwt.PyJWTError as error:
        raise InvalidToken("the token is not a JSON web token") from error
    if header.get("alg") not in ALGORITHMS:
        raise InvalidToken("signing method is invalid")
    key = await _key(here, configuration["Issuer"], str(header.get("kid")))
    unchecked = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        claims: Json = jwt.decode(bare, key, algorithms=[header["alg"]], options=unchecked)  # type: ignore[arg-type]
    except jwt.PyJWTError as error:
        raise InvalidToken("the token's signature is invalid") from error
    check_claims(claims, configuration, here.now())
    granted = _words(claims.get("scope", claims.get("scp")))
    if scopes and not set(scopes) & set(granted):
        raise MissingScope
    return {"claims": {name: shown(value) for name, value in claims.items()}, "scopes": granted if scopes else None}


def check_claims(claims: Json, configuration: Json, now: float) -> None:
    """Issuer, audience and times. Raises InvalidToken."""
    if claims.get("iss") != configuration["Issuer"]:
        raise InvalidToken("the token has an invalid issuer")
    audience = claims.get("aud", claims.get("client_id"))
    if not set(audience if isinstance(audience, list) else [audience]) & set(configuration.get("Audience") or []):
        raise InvalidToken("the token does not have a valid audience")
    if not _is_time(claims.get("exp")) or claims["exp"] <= now:
        raise InvalidToken("the token has expired")
    for name in ("nbf", "iat"):
        if name in claims and (not _is_time(claims[name]) or claims[name] > now):
            raise InvalidToken("the token is not valid yet")


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return value.split() if isinstance(value, str) else []


def shown(value: Any) -> str:
    """A claim as events show it: text, lists as `[a b]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(shown(each) for each in value)}]"
    return msgspec.json.encode(value).decode()


async def _key(here: Here, issuer: str, key_id: str) -> Any:
    kept: dict[str, Keys] = here.running.setdefault("apigatewayv2-issuers", {})
    now = here.world.clock.monotonic()
    known = kept.get(issuer)
    age_s = KEYS_KEPT_S if known is None else now - known.fetched_at
    if known is None or age_s >= KEYS_KEPT_S or (key_id not in known.by_id and age_s >= FETCH_AGAIN_S):
        known = kept[issuer] = Keys(await _fetch(here, issuer), now)
    if key_id not in known.by_id:
        raise InvalidToken("unable to find the token's key")
    return known.by_id[key_id]


async def _fetch(here: Here, issuer: str) -> dict[str, Any]:
    """The issuer's keys that can be used. Raises InvalidToken."""
    discovered = await _json(here, issuer.rstrip("/") + DISCOVERY)
    keys = (await _json(here, str(discovered.get("jwks_uri")))).get("keys")
    found = {}
    for key in keys if isinstance(keys, list) else []:
        if isinstance(key, dict) and key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and "kid" in key:
            try:
                found[str(key["kid"])] = jwt.PyJWK(key, key.get("alg") or "RS256").key
            except jwt.PyJWTError:
                continue  # a key that cannot be read is as good as none
    return found


async def _json(here: Here, url: str) -> Json:
    try:
        async with asyncio.timeout(FETCH_TIMEOUT_S):
            answer = await web.ask(here, "GET", url, [("Accept", "application/json")], timeout_s=FETCH_TIMEOUT_S)
        document = msgspec.json.decode(answer.body) if isinstance(answer.body, bytes) else None
    except (ClientError, TimeoutError, ValueError) as error:
        raise InvalidToken("the issuer's keys cannot be fetched") from error
    if answer.status != 200 or not isinstance(document, dict):
        raise InvalidToken("the issuer's keys cannot be fetched")
    return document
