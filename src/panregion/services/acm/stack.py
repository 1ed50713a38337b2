"""AWS::CertificateManager::Certificate. Ref gives the ARN; it is issued at once."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.acm.errors import ResourceNotFoundException

OPTIONS = {
    "CertificateTransparencyLoggingPreference": "CertificateTransparencyLoggingPreference",
    "CertificateExport": "Export",
}


async def create(here: Here, properties: dict[str, Any], context: Context) -> str:
    options = {option: properties[name] for name, option in OPTIONS.items() if name in properties}
    validations = [
        {"DomainName": option["DomainName"], "ValidationDomain": option["ValidationDomain"]}
        for option in properties.get("DomainValidationOptions") or []
        if option.get("ValidationDomain")
    ]
    params = {
        "DomainName": properties["DomainName"],
        "ValidationMethod": properties.get("ValidationMethod"),
        "SubjectAlternativeNames": properties.get("SubjectAlternativeNames"),
        "KeyAlgorithm": properties.get("KeyAlgorithm"),
        "DomainValidationOptions": validations or None,
        "Options": options or None,
        "IdempotencyToken": context.suffix,
        "Tags": _tags(properties, context),
    }
    made = await here.request("acm", "RequestCertificate", {n: v for n, v in params.items() if v is not None})
    return str(made["CertificateArn"])


async def update(
    here: Here, physical_id: str, old: dict[str, Any], new: dict[str, Any], context: Context
) -> str | None:
    arn = {"CertificateArn": physical_id}
    options = {option: new[name] for name, option in OPTIONS.items() if name in new}
    if options:
        await here.request("acm", "UpdateCertificateOptions", {**arn, "Options": options})
    kept = {tag["Key"] for tag in new.get("Tags") or []}
    dropped = [{"Key": tag["Key"]} for tag in old.get("Tags") or [] if tag["Key"] not in kept]
    if dropped:
        await here.request("acm", "RemoveTagsFromCertificate", {**arn, "Tags": dropped})
    tags = _tags(new, context)
    if tags:
        await here.request("acm", "AddTagsToCertificate", {**arn, "Tags": tags})
    return None


async def delete(here: Here, physical_id: str, _properties: dict[str, Any], _context: Context) -> None:
    try:
        await here.request("acm", "DeleteCertificate", {"CertificateArn": physical_id})
    except ResourceNotFoundException:
        return


def _tags(properties: dict[str, Any], context: Context) -> list[dict[str, str]] | None:
    own = {tag["Key"]: str(tag["Value"]) for tag in properties.get("Tags") or []}
    return [{"Key": key, "Value": value} for key, value in {**context.tags, **own}.items()] or None


CERTIFICATE = ResourceType(
    type_name="AWS::CertificateManager::Certificate",
    properties=frozenset(
        {
            *("CertificateExport", "CertificateTransparencyLoggingPreference", "DomainName"),
            *("DomainValidationOptions", "KeyAlgorithm", "SubjectAlternativeNames", "Tags", "ValidationMethod"),
        }
    ),
    required=frozenset({"DomainName"}),
    create=create,
    delete=delete,
    update=update,
    replaces_on=frozenset(
        {"DomainName", "DomainValidationOptions", "KeyAlgorithm", "SubjectAlternativeNames", "ValidationMethod"}
    ),
)

RESOURCES = {CERTIFICATE.type_name: CERTIFICATE}
