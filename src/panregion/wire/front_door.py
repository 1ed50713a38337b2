"""What stands before DynamoDB: a request that names none of its operations, or is not signed, gets no further.

The words are those of AWS's service framework; what is only malformed gets none. Signatures are not verified
(sigv4.py), but they have to be there with all of their parts. Their date is not asked for.
"""

import msgspec

from panregion.wire.errors import AwsError, SerializationException, UnknownOperationException
from panregion.wire.model import ServiceModel
from panregion.world.http import Request

BODY_MAX = 16 * 1024 * 1024
_PARTS = ("Credential", "Signature", "SignedHeaders")
_QUERY_PARTS = ("X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")


class UnknownOperation(UnknownOperationException):
    """No operation of DynamoDB's, in DynamoDB's own way of saying so."""

    code = "UnknownOperationException"
    status = 400


class RequestEntityTooLargeException(AwsError):
    status = 413


class MissingAuthenticationTokenException(AwsError):
    pass


class IncompleteSignatureException(AwsError):
    pass


class InvalidSignatureException(AwsError):
    pass


def admit(model: ServiceModel, request: Request) -> str:
    """The operation that the request names. Raises RequestEntityTooLargeException, SerializationException,
    UnknownOperation or what its signature lacks."""
    if len(request.body) > BODY_MAX:
        raise RequestEntityTooLargeException()
    prefix, _, name = (request.header("x-amz-target") or "").rpartition(".")
    known = prefix == model.metadata.target_prefix and name in model.operation_names
    if known and _is_signed(request.header("authorization"), request):
        return name
    _require_json(request.body)
    if not known:
        raise UnknownOperation()
    raise _unsigned(request.header("authorization"), request.query)


def _is_signed(authorization: str | None, request: Request) -> bool:
    if authorization is None:
        return all(f"{part}=" in request.query for part in ("X-Amz-Algorithm", *_QUERY_PARTS))
    whole = authorization.startswith("AWS4-") and all(f"{part}=" in authorization for part in _PARTS)
    return whole and "X-Amz-Algorithm=" not in request.query


def _require_json(body: bytes) -> None:
    try:
        msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SerializationException() from error


def _unsigned(authorization: str | None, query: str) -> AwsError:
    """What is wrong with a signature that is not all there."""
    if authorization is not None and "X-Amz-Algorithm=" in query:
        return InvalidSignatureException(
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
        )
    if authorization is None and "X-Amz-Algorithm=" in query:
        missing = [part for part in _QUERY_PARTS if f"{part}=" not in query]
        said = "".join(f"AWS query-string parameters must include '{part}'. " for part in missing)
        return IncompleteSignatureException(f"{said}Re-examine the query-string parameters.")
    if authorization is None or not authorization.strip().startswith("AWS4-"):
        return MissingAuthenticationTokenException("Request is missing Authentication Token")
    missing = [part for part in _PARTS if f"{part}=" not in authorization]
    said = "".join(f"Authorization header requires '{part}' parameter. " for part in missing)
    return IncompleteSignatureException(f"{said}Authorization={authorization}")
