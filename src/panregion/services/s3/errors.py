"""What S3 says when it cannot: class names are AWS's codes, keyword arguments the elements beside the message."""

from panregion.wire import AwsError


class AccessControlListNotSupported(AwsError):
    pass


class AccessDenied(AwsError):
    status = 403


class BadDigest(AwsError):
    pass


class BucketAlreadyOwnedByYou(AwsError):
    status = 409


class BucketNotEmpty(AwsError):
    status = 409


class EntityTooLarge(AwsError):
    pass


class EntityTooSmall(AwsError):
    pass


class IllegalLocationConstraintException(AwsError):
    pass


class IncorrectEndpoint(AwsError):
    pass


class InvalidArgument(AwsError):
    pass


class InvalidBucketName(AwsError):
    pass


class InvalidDigest(AwsError):
    pass


class InvalidLocationConstraint(AwsError):
    pass


class InvalidPart(AwsError):
    pass


class InvalidPartNumber(AwsError):
    status = 416


class InvalidPartOrder(AwsError):
    pass


class InvalidRange(AwsError):
    status = 416


class InvalidRedirectLocation(AwsError):
    pass


class InvalidRequest(AwsError):
    pass


class InvalidTag(AwsError):
    pass


class InvalidURI(AwsError):
    pass


class KeyTooLongError(AwsError):
    pass


class MalformedPolicy(AwsError):
    pass


class MalformedXML(AwsError):
    pass


class MethodNotAllowed(AwsError):
    status = 405


class NoSuchBucket(AwsError):
    status = 404


class NoSuchBucketPolicy(AwsError):
    status = 404


class NoSuchConfiguration(AwsError):
    status = 404


class NoSuchCORSConfiguration(AwsError):
    status = 404


class NoSuchKey(AwsError):
    status = 404


class NoSuchLifecycleConfiguration(AwsError):
    status = 404


class NoSuchPublicAccessBlockConfiguration(AwsError):
    status = 404


class NoSuchTagSet(AwsError):
    status = 404


class NoSuchUpload(AwsError):
    status = 404


class NoSuchVersion(AwsError):
    status = 404


class NoSuchWebsiteConfiguration(AwsError):
    status = 404


class NotFound(AwsError):
    """What HEAD says: a reply without a body has no room for more than its status."""

    status = 404
    code = "404"


class NotImplementedHere(AwsError):
    """AWS has it, panregion does not; the message names it."""

    status = 501
    code = "NotImplemented"


class NotModified(AwsError):
    status = 304


class OwnershipControlsNotFoundError(AwsError):
    status = 404


class PreconditionFailed(AwsError):
    status = 412
