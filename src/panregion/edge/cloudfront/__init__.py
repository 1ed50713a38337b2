"""Amazon CloudFront's points of presence: caches near to viewers in front of origins in regions."""

from panregion.edge.cloudfront.plane import CloudFront

PLANE = CloudFront

__all__ = ["PLANE"]
