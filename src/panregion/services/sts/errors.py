"""STS's errors, named as it names them."""

from panregion.wire.errors import AwsError


class ExpiredTokenException(AwsError):
    pass


class InvalidIdentityTokenException(AwsError):
    code = "InvalidIdentityToken"


class ValidationError(AwsError):
    pass
