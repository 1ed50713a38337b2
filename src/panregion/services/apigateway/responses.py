"""What API Gateway itself answers: types of gateway responses, their statuses, messages and error types."""

from panregion.services.apigateway.errors import BadRequestException
from panregion.services.apigateway.model import GatewayResponse

TEMPLATE = {"application/json": '{"message":$context.error.messageString}'}

TYPES: dict[str, tuple[str | None, str, str]] = {
    "ACCESS_DENIED": ("403", "AccessDeniedException", "User is not authorized to access this resource"),
    "API_CONFIGURATION_ERROR": ("500", "InternalServerErrorException", "Internal server error"),
    "AUTHORIZER_CONFIGURATION_ERROR": ("500", "AuthorizerConfigurationException", ""),
    "AUTHORIZER_FAILURE": ("500", "AuthorizerConfigurationException", ""),
    "BAD_REQUEST_BODY": ("400", "BadRequestException", "Invalid request body"),
    "BAD_REQUEST_PARAMETERS": ("400", "BadRequestException", "Missing required request parameters"),
    "DEFAULT_4XX": (None, "ForbiddenException", "Forbidden"),
    "DEFAULT_5XX": (None, "InternalServerErrorException", "Internal server error"),
    "EXPIRED_TOKEN": ("403", "ExpiredTokenException", "The security token included in the request is expired"),
    "INTEGRATION_FAILURE": ("504", "InternalServerErrorException", "Network error communicating with endpoint"),
    "INTEGRATION_TIMEOUT": ("504", "InternalServerErrorException", "Endpoint request timed out"),
    "INVALID_API_KEY": ("403", "ForbiddenException", "Forbidden"),
    "INVALID_SIGNATURE": (
        "403",
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided.",
    ),
    "MISSING_AUTHENTICATION_TOKEN": ("403", "MissingAuthenticationTokenException", "Missing Authentication Token"),
    "QUOTA_EXCEEDED": ("429", "LimitExceededException", "Limit Exceeded"),
    "REQUEST_TOO_LARGE": ("413", "RequestTooLargeException", "Request Too Long"),
    "RESOURCE_NOT_FOUND": ("404", "NotFoundException", "No method found matching route"),
    "THROTTLED": ("429", "TooManyRequestsException", "Too Many Requests"),
    "UNAUTHORIZED": ("401", "UnauthorizedException", "Unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "BadRequestException", "Unsupported Media Type"),
    "WAF_FILTERED": ("403", "ForbiddenException", "Forbidden"),
}
"""Type -> (status, x-amzn-ErrorType, message)."""


class Refusal(Exception):
    """API Gateway answers itself, with a gateway response of this type.

    `status` and `message` are what this one says where the API has not set its own; `label` is the capital letter
    of the body's only member, which AWS does not spell the same everywhere.
    """

    def __init__(
        self,
        response_type: str,
        message: str | None = None,
        *,
        status: int | None = None,
        validation_error: str | None = None,
        error_type: str | None = None,
    ) -> None:
        super().__init__(response_type)
        usual_status, usual_error_type, usual_message = TYPES[response_type]
        self.response_type = response_type
        self.message = usual_message if message is None else message
        self.status = status or int(usual_status or 500)
        self.error_type = error_type or usual_error_type
        self.validation_error = validation_error


def default_response(response_type: str) -> GatewayResponse:
    """The gateway response of an API that has set none of this type."""
    if response_type not in TYPES:
        raise BadRequestException(f"Invalid response type specified: {response_type}")
    return GatewayResponse(
        response_type=response_type,
        status_code=TYPES[response_type][0],
        response_parameters={},
        response_templates=TEMPLATE,
        default_response=True,
    )
