"""AWS::CertificateManager::Certificate. Ref gives the ARN; it is issued at once."""

from typing import Any

from panregion.services import Context, Here, ResourceType
from panregion.services.stack_calls import ask, tag_list, tags_of, unless_gone

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
        "Tags": tag_list(tags_of(properties, context)) or None,
    }
    made = await ask(here, "acm", "RequestCertificate", **params)
    return str(made["CertificateArn"])


async def update(
    here: Here, physical_id: str, old: dict[str, Any], new: dict[str, Any], context: Context
) -> str | None:
    arn = {"CertificateArn": physical_id}
    options = {option: new[name] for name, option in OPTIONS.items() if name in new}
    if options:
        await here.request("acm", "UpdateCertificateOptions", {**arn, "Options": options})
    before, after = tags_of(old, context), tags_of(new, context)
    dropped = [{"Key": key} for key in before if key not in after]
    if dropped:
        await here.request("acm", "RemoveTagsFromCertificate", {**arn, "Tags": dropped})
    if after:
        await here.request("acm", "AddTagsToCertificate", {**arn, "Tags": tag_list(after)})
    return None


async def delete(here: Here, physical_id: str, _properties: dict[str, Any], _context: Context) -> None:
    await unless_gone(here, "acm", "DeleteCertificate", CertificateArn=physical_id)


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
