"""Custom domain names and what of them is mapped where. All of it is the region's own, as on AWS."""

from typing import Any

from panregion.services import Here, reads
from panregion.services.apigateway import layout
from panregion.services.apigateway.api.pages import page
from panregion.services.apigateway.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigateway.model import API_ID_LENGTH, BasePathMapping, DomainName, describe
from panregion.services.apigateway.patch import Operations, patched, rules
from panregion.services.apigateway.zones import hosted_zone_id

NO_BASE_PATH = "(none)"

DOMAIN_RULES = rules(
    replace="/regionalCertificateArn /regionalCertificateName /securityPolicy /ownershipVerificationCertificateArn",
)
MAPPING_RULES = rules(replace="/basePath /restapiId /restApiId /stage")


def create_domain_name(
    here: Here,
    domain_name: str,
    certificate_arn: str | None = None,
    regional_certificate_name: str | None = None,
    regional_certificate_arn: str | None = None,
    endpoint_configuration: dict[str, Any] | None = None,
    tags: dict[str, str] | None = None,
    security_policy: str | None = None,
    ownership_verification_certificate_arn: str | None = None,
    routing_mode: str | None = None,
) -> dict[str, Any]:
    domain_name = domain_name.lower()
    types = (endpoint_configuration or {}).get("types") or ["EDGE"]
    if types != ["REGIONAL"]:
        raise unsupported(f"A custom domain name with the endpoint type {'/'.join(types)}")
    if certificate_arn or not regional_certificate_arn:
        raise BadRequestException("Invalid request input: a REGIONAL domain name needs regionalCertificateArn")
    if routing_mode not in (None, "BASE_PATH_MAPPING_ONLY"):
        raise unsupported(f"routingMode {routing_mode}")
    if layout.DOMAINS.find(here.tx, domain_name):
        raise ConflictException("The domain name you provided already exists.")
    label = here.world.chance.token(API_ID_LENGTH)
    domain = DomainName(
        domain_name=domain_name,
        domain_name_arn=f"arn:aws:apigateway:{here.region}::/domainnames/{domain_name}",
        domain_name_status="AVAILABLE",
        endpoint_configuration={
            "types": types,
            "ipAddressType": (endpoint_configuration or {}).get("ipAddressType") or "ipv4",
        },
        regional_domain_name=f"d-{label}.execute-api.{here.region}.amazonaws.com",
        regional_hosted_zone_id=hosted_zone_id(here.region),
        security_policy=security_policy or "TLS_1_2",
        routing_mode="BASE_PATH_MAPPING_ONLY",
        regional_certificate_name=regional_certificate_name,
        regional_certificate_arn=regional_certificate_arn,
        ownership_verification_certificate_arn=ownership_verification_certificate_arn,
        tags=tags or None,
    )
    return describe(layout.DOMAINS.put(here.tx, domain, domain_name))


@reads
def get_domain_name(here: Here, domain_name: str) -> dict[str, Any]:
    return describe(layout.DOMAINS.require(here.tx, domain_name.lower()))


@reads
def get_domain_names(here: Here, position: str | None = None, limit: int | None = None) -> dict[str, Any]:
    return page((describe(domain) for domain in layout.DOMAINS.all(here.tx)), position, limit)


def update_domain_name(here: Here, domain_name: str, patch_operations: Operations | None = None) -> dict[str, Any]:
    old = layout.DOMAINS.require(here.tx, domain_name.lower())
    new = patched(old, patch_operations, DOMAIN_RULES)
    return describe(layout.DOMAINS.put(here.tx, new, new.domain_name))


def delete_domain_name(here: Here, domain_name: str) -> dict[str, Any]:
    layout.DOMAINS.require(here.tx, domain_name.lower())
    layout.MAPPINGS.delete_all(here.tx, domain_name.lower())
    layout.DOMAINS.delete(here.tx, domain_name.lower())
    return {}


def create_base_path_mapping(
    here: Here,
    domain_name: str,
    rest_api_id: str,
    base_path: str | None = None,
    stage: str | None = None,
) -> dict[str, Any]:
    domain_name = domain_name.lower()
    layout.DOMAINS.require(here.tx, domain_name)
    mapping = BasePathMapping(base_path=base_path or NO_BASE_PATH, rest_api_id=rest_api_id, stage=stage or None)
    check_mapping(here, mapping)
    if layout.MAPPINGS.find(here.tx, domain_name, mapping.base_path):
        raise ConflictException("Base path already exists for this domain name")
    return describe(layout.MAPPINGS.put(here.tx, mapping, domain_name, mapping.base_path))


@reads
def get_base_path_mapping(here: Here, domain_name: str, base_path: str) -> dict[str, Any]:
    return describe(layout.MAPPINGS.require(here.tx, domain_name.lower(), base_path or NO_BASE_PATH))


@reads
def get_base_path_mappings(
    here: Here, domain_name: str, position: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    layout.DOMAINS.require(here.tx, domain_name.lower())
    mappings = layout.MAPPINGS.all(here.tx, domain_name.lower())
    return page((describe(mapping) for mapping in mappings), position, limit)


def update_base_path_mapping(
    here: Here, domain_name: str, base_path: str, patch_operations: Operations | None = None
) -> dict[str, Any]:
    domain_name = domain_name.lower()
    old = layout.MAPPINGS.require(here.tx, domain_name, base_path or NO_BASE_PATH)
    operations = [
        {**operation, "path": operation["path"].replace("/restapiId", "/restApiId")}
        for operation in patch_operations or []
    ]
    new = patched(old, operations, MAPPING_RULES)
    check_mapping(here, new)
    layout.MAPPINGS.delete(here.tx, domain_name, old.base_path)
    if layout.MAPPINGS.find(here.tx, domain_name, new.base_path):
        raise ConflictException("Base path already exists for this domain name")
    return describe(layout.MAPPINGS.put(here.tx, new, domain_name, new.base_path))


def delete_base_path_mapping(here: Here, domain_name: str, base_path: str) -> dict[str, Any]:
    layout.MAPPINGS.require(here.tx, domain_name.lower(), base_path or NO_BASE_PATH)
    layout.MAPPINGS.delete(here.tx, domain_name.lower(), base_path or NO_BASE_PATH)
    return {}


def check_mapping(here: Here, mapping: BasePathMapping) -> None:
    """What the model cannot say about a mapping."""
    if "/" in mapping.base_path:
        raise BadRequestException(
            "API Gateway V1 doesn't support the slash character (/) in base path mappings."
            " To create a multi-level base path mapping, use API Gateway V2."
        )
    if layout.APIS.find(here.tx, mapping.rest_api_id) is None:
        raise BadRequestException("Invalid REST API identifier specified")
    if mapping.stage and layout.STAGES.find(here.tx, mapping.rest_api_id, mapping.stage) is None:
        raise BadRequestException("Invalid stage identifier specified")
