"""CloudFront's errors, named as AWS names them. The model says each one's status; the texts are the kind's own."""

from typing import ClassVar

from panregion.wire import AwsError


class CloudFrontError(AwsError):
    """An error whose text is mostly the same."""

    text: ClassVar[str] = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.text)


class NoSuchDistribution(CloudFrontError):
    text = "The specified distribution does not exist."


class DistributionAlreadyExists(CloudFrontError):
    """The caller reference is used up by a distribution that was configured otherwise."""


class DistributionNotDisabled(CloudFrontError):
    text = "The distribution you are trying to delete has not been disabled."


class NoSuchInvalidation(CloudFrontError):
    text = "The specified invalidation does not exist."


class NoSuchOrigin(CloudFrontError):
    text = "One or more of your origins or origin groups do not exist."


class NoSuchResource(CloudFrontError):
    text = "The specified resource does not exist."


class ResourceInUse(CloudFrontError):
    text = "Cannot delete this resource because it is in use."


class PreconditionFailed(CloudFrontError):
    text = "The request failed because it didn't meet the preconditions in one or more request-header fields."


class InvalidIfMatchVersion(CloudFrontError):
    text = "The If-Match version is missing or not valid for the resource."


class InvalidArgument(CloudFrontError):
    """A parameter has a value that it cannot have."""


class MissingBody(CloudFrontError):
    text = "This operation requires a body. Ensure that the body is present and the Content-Type header is set."


class InconsistentQuantities(CloudFrontError):
    text = "The value of Quantity and the size of Items do not match."


class IllegalUpdate(CloudFrontError):
    text = "The update contains modifications that are not allowed."


class IllegalDelete(CloudFrontError):
    text = "You cannot delete a managed policy."


class BatchTooLarge(CloudFrontError):
    text = "Your request contains too many invalidation paths."


class InvalidTagging(CloudFrontError):
    text = "The tagging specified is not valid."


class CNAMEAlreadyExists(CloudFrontError):
    text = "One or more of the CNAMEs you provided are already associated with a different resource."


class TooManyDistributionCNAMEs(CloudFrontError):
    text = "Your request contains more CNAMEs than are allowed per distribution."


class InvalidViewerCertificate(CloudFrontError):
    """The certificate is none, or does not cover the alternate domain names."""


class InvalidMinimumProtocolVersion(CloudFrontError):
    text = "The specified minimum protocol version is not valid."


class InvalidProtocolSettings(CloudFrontError):
    text = "You cannot specify SSLv3 as the minimum protocol version with clients that support SNI only."


class InvalidDefaultRootObject(CloudFrontError):
    text = "The default root object file name is too big or contains an invalid character."


class InvalidRelativePath(CloudFrontError):
    text = "The relative path is too big, is not URL-encoded, or does not begin with a slash (/)."


class InvalidErrorCode(CloudFrontError):
    text = "The specified error code is not valid."


class InvalidResponseCode(CloudFrontError):
    text = "The specified response code is not valid."


class InvalidTTLOrder(CloudFrontError):
    text = "The order of your TTL values is invalid. Try changing your TTL values."


class InvalidForwardCookies(CloudFrontError):
    text = "Your request contains forward cookies option which doesn't match with the whitelisted cookie names."


class InvalidQueryStringParameters(CloudFrontError):
    text = "The specified query string parameters are not valid."


class InvalidHeadersForS3Origin(CloudFrontError):
    text = "The specified headers are not valid for an Amazon S3 origin."


class InvalidGeoRestrictionParameter(CloudFrontError):
    text = "The specified geo restriction parameter is not valid."


class InvalidLocationCode(CloudFrontError):
    text = "The location code specified is not valid."


class InvalidOrigin(CloudFrontError):
    text = "The Amazon S3 origin server specified does not refer to a valid Amazon S3 bucket."


class InvalidOriginReadTimeout(CloudFrontError):
    text = "The specified origin response timeout is not valid."


class InvalidOriginKeepaliveTimeout(CloudFrontError):
    text = "The specified origin keep-alive timeout is not valid."


class InvalidOriginAccessControl(CloudFrontError):
    text = "The origin access control is not valid or does not exist."


class InvalidOriginAccessIdentity(CloudFrontError):
    text = "The specified origin access identity does not exist or is not valid."


class IllegalOriginAccessConfiguration(CloudFrontError):
    text = "An origin cannot contain both an origin access control (OAC) and an origin access identity (OAI)."


class InvalidDomainNameForOriginAccessControl(CloudFrontError):
    text = "An origin access control is associated with an origin whose domain name is not supported."


class TooManyOrigins(CloudFrontError):
    text = "Your request contains more origins than are allowed per distribution."


class TooManyOriginGroupsPerDistribution(CloudFrontError):
    text = "Your request contains more origin groups than are allowed per distribution."


class TooManyOriginCustomHeaders(CloudFrontError):
    text = "Your request contains too many origin custom headers."


class TooManyCacheBehaviors(CloudFrontError):
    text = "Your request contains more cache behaviors than are allowed per distribution."


class TooManyHeadersInForwardedValues(CloudFrontError):
    text = "Your request contains too many headers in forwarded values."


class TooManyCookieNamesInWhiteList(CloudFrontError):
    text = "Your request contains more cookie names in the whitelist than are allowed per cache behavior."


class TooManyQueryStringParameters(CloudFrontError):
    text = "Your request contains too many query string parameters."


class NoSuchCachePolicy(CloudFrontError):
    text = "The specified cache policy does not exist."


class CachePolicyAlreadyExists(CloudFrontError):
    text = "A cache policy with the same name already exists in your account."


class CachePolicyInUse(CloudFrontError):
    text = "The specified cache policy is currently associated with a distribution."


class TooManyHeadersInCachePolicy(CloudFrontError):
    text = "Your request contains more headers than are allowed in a cache policy."


class TooManyCookiesInCachePolicy(CloudFrontError):
    text = "Your request contains more cookies than are allowed in a cache policy."


class TooManyQueryStringsInCachePolicy(CloudFrontError):
    text = "Your request contains more query strings than are allowed in a cache policy."


class NoSuchOriginRequestPolicy(CloudFrontError):
    text = "The specified origin request policy does not exist."


class OriginRequestPolicyAlreadyExists(CloudFrontError):
    text = "An origin request policy with the same name already exists in your account."


class OriginRequestPolicyInUse(CloudFrontError):
    text = "The specified origin request policy is currently associated with a distribution."


class TooManyHeadersInOriginRequestPolicy(CloudFrontError):
    text = "Your request contains more headers than are allowed in an origin request policy."


class TooManyCookiesInOriginRequestPolicy(CloudFrontError):
    text = "Your request contains more cookies than are allowed in an origin request policy."


class TooManyQueryStringsInOriginRequestPolicy(CloudFrontError):
    text = "Your request contains more query strings than are allowed in an origin request policy."


class NoSuchResponseHeadersPolicy(CloudFrontError):
    text = "The specified response headers policy does not exist."


class ResponseHeadersPolicyAlreadyExists(CloudFrontError):
    text = "A response headers policy with the same name already exists in your account."


class ResponseHeadersPolicyInUse(CloudFrontError):
    text = "The specified response headers policy is currently associated with a distribution."


class TooManyCustomHeadersInResponseHeadersPolicy(CloudFrontError):
    text = "Your request contains more custom headers than are allowed in a response headers policy."


class TooManyRemoveHeadersInResponseHeadersPolicy(CloudFrontError):
    text = "Your request contains more headers to remove than are allowed in a response headers policy."


class TooLongCSPInResponseHeadersPolicy(CloudFrontError):
    text = "The Content-Security-Policy header value is too long."


class NoSuchOriginAccessControl(CloudFrontError):
    text = "The specified origin access control does not exist."


class OriginAccessControlAlreadyExists(CloudFrontError):
    text = "An origin access control with the same name already exists."


class OriginAccessControlInUse(CloudFrontError):
    text = "The specified origin access control is currently associated with a distribution."


class NoSuchCloudFrontOriginAccessIdentity(CloudFrontError):
    text = "The specified origin access identity does not exist."


class CloudFrontOriginAccessIdentityAlreadyExists(CloudFrontError):
    text = "The caller reference is associated with an origin access identity of another configuration."


class CloudFrontOriginAccessIdentityInUse(CloudFrontError):
    text = "The CloudFront origin access identity is still being used."


class NoSuchPublicKey(CloudFrontError):
    text = "The specified public key does not exist."


class PublicKeyAlreadyExists(CloudFrontError):
    text = "The specified public key already exists."


class PublicKeyInUse(CloudFrontError):
    text = "The specified public key is in use."


class CannotChangeImmutablePublicKeyFields(CloudFrontError):
    text = "You can't change the value of a public key."


class KeyGroupAlreadyExists(CloudFrontError):
    text = "A key group with this name already exists."


class TooManyPublicKeysInKeyGroup(CloudFrontError):
    text = "The number of public keys in this key group is more than the maximum allowed."


class TooManyKeyGroupsAssociatedToDistribution(CloudFrontError):
    text = "The number of key groups referenced by this distribution is more than the maximum allowed."


class TrustedKeyGroupDoesNotExist(CloudFrontError):
    text = "The specified key group does not exist."


class NotSupported(AwsError):
    """AWS has it, this world does not; the message names it."""

    status = 501
    code = "NotImplemented"

    def __init__(self, what: str) -> None:
        super().__init__(f"panregion's cloudfront does not support {what}")
