"""What AWS has and this world does not: refused by name, where it would change what users see. Pure."""

from typing import Any

from panregion.services.cloudfront.errors import NotSupported
from panregion.services.cloudfront.model import items

_FEATURES = {
    "ContinuousDeploymentPolicyId": "continuous deployment (ContinuousDeploymentPolicyId)",
    "Staging": "staging distributions (Staging)",
    "AnycastIpListId": "anycast static IP lists (AnycastIpListId)",
    "TenantConfig": "multi-tenant distributions (TenantConfig)",
    "ViewerMtlsConfig": "mutual TLS with viewers (ViewerMtlsConfig)",
    "ConnectionFunctionAssociation": "connection functions (ConnectionFunctionAssociation)",
    "CacheTagConfig": "cache tags (CacheTagConfig)",
    "WebACLId": "web ACLs (WebACLId)",
}

_BEHAVIOR_FEATURES = {
    "FieldLevelEncryptionId": "field-level encryption (FieldLevelEncryptionId)",
    "RealtimeLogConfigArn": "real-time logs (RealtimeLogConfigArn)",
    "SmoothStreaming": "Microsoft Smooth Streaming (SmoothStreaming)",
}


def refuse_unsupported(config: dict[str, Any]) -> None:
    """Raises NotSupported, which names the first such feature."""
    for member, feature in _FEATURES.items():
        if config.get(member):
            raise NotSupported(feature)
    if config.get("ConnectionMode", "direct") != "direct":
        raise NotSupported("multi-tenant distributions (ConnectionMode tenant-only)")
    if (config.get("Logging") or {}).get("Enabled"):
        raise NotSupported("standard logs (Logging)")
    for behavior in [config["DefaultCacheBehavior"], *items(config.get("CacheBehaviors"))]:
        _refuse_in_behavior(behavior)
    for origin in items(config["Origins"]):
        _refuse_in_origin(origin)
    for group in items(config.get("OriginGroups")):
        if group.get("SelectionCriteria", "default") != "default":
            raise NotSupported("media quality-aware origin groups (SelectionCriteria)")


def _refuse_in_behavior(behavior: dict[str, Any]) -> None:
    for member, feature in _BEHAVIOR_FEATURES.items():
        if behavior.get(member):
            raise NotSupported(feature)
    if items(behavior.get("LambdaFunctionAssociations")):
        raise NotSupported("Lambda@Edge (LambdaFunctionAssociations)")
    if items(behavior.get("FunctionAssociations")):
        raise NotSupported("CloudFront Functions (FunctionAssociations)")
    if (behavior.get("GrpcConfig") or {}).get("Enabled"):
        raise NotSupported("gRPC (GrpcConfig)")
    if (behavior.get("TrustedSigners") or {}).get("Enabled"):
        raise NotSupported("signed URLs by account (TrustedSigners)")


def _refuse_in_origin(origin: dict[str, Any]) -> None:
    if origin.get("VpcOriginConfig"):
        raise NotSupported("VPC origins (VpcOriginConfig)")
    if (origin.get("OriginShield") or {}).get("Enabled"):
        raise NotSupported("Origin Shield (OriginShield)")
    if (origin.get("CustomOriginConfig") or {}).get("OriginMtlsConfig"):
        raise NotSupported("mutual TLS with origins (OriginMtlsConfig)")
