"""Custom domain names of HTTP APIs, and the mappings of their paths. The names themselves the REST service keeps."""

import re
from typing import Any

from panregion.services import Here, reads
from panregion.services.apigatewayv2 import layout
from panregion.services.apigatewayv2.errors import BadRequestException, ConflictException, unsupported
from panregion.services.apigatewayv2.model import ApiMapping, describe

MAPPING_KEY = re.compile(r"[a-zA-Z0-9._$+!*'()/-]*")


def create_domain_name(
    here: Here,
    domain_name: str,
    domain_name_configurations: list[dict[str, Any]] | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    if len(domain_name_configurations or []) != 1:
        raise BadRequestException("Exactly one DomainNameConfiguration is needed")
    [given] = domain_name_configurations or []
    params = {
        "domainName": domain_name,
        "regionalCertificateArn": given.get("CertificateArn"),
        "endpointConfiguration": {"types": [given.get("EndpointType", "REGIONAL")]},
        "securityPolicy": given.get("SecurityPolicy"),
        "tags": tags,
    }
    made = here.call("apigateway", "CreateDomainName", {n: v for n, v in params.items() if v is not None})
    return described(made)


@reads
def get_domain_name(here: Here, domain_name: str) -> dict[str, Any]:
    return described(here.call("apigateway", "GetDomainName", {"domainName": domain_name}))


@reads
def get_domain_names(here: Here) -> dict[str, Any]:
    return {"Items": [described(d) for d in here.call("apigateway", "GetDomainNames", {"limit": 500})["items"]]}


def delete_domain_name(here: Here, domain_name: str) -> dict[str, Any]:
    here.call("apigateway", "DeleteDomainName", {"domainName": domain_name})
    layout.MAPPINGS.delete_all(here.tx, domain_name.lower())
    return {}


def create_api_mapping(
    here: Here, api_id: str, domain_name: str, stage: str, api_mapping_key: str | None = None
) -> dict[str, Any]:
    key = (api_mapping_key or "").strip("/")
    domain = domain_name.lower()
    here.call("apigateway", "GetDomainName", {"domainName": domain})
    mapping = ApiMapping(api_mapping_id=here.world.chance.token(6), api_id=api_id, stage=stage, api_mapping_key=key)
    check_mapping(here, domain, mapping)
    return describe(layout.MAPPINGS.put(here.tx, mapping, domain, mapping.api_mapping_id))


def check_mapping(here: Here, domain: str, mapping: ApiMapping) -> None:
    """Raises BadRequestException, ConflictException, NotFoundException."""
    api = layout.APIS.find(here.tx, mapping.api_id)
    if api is None:
        raise unsupported(f"A mapping to {mapping.api_id}, which is no HTTP or WebSocket API of this region,")
    layout.STAGES.require(here.tx, mapping.api_id, mapping.stage)
    if not MAPPING_KEY.fullmatch(mapping.api_mapping_key):
        raise BadRequestException(f"Invalid ApiMappingKey: {mapping.api_mapping_key}")
    for other in layout.MAPPINGS.all(here.tx, domain):
        if other.api_mapping_id == mapping.api_mapping_id:
            continue
        if other.api_mapping_key == mapping.api_mapping_key:
            raise ConflictException("ApiMapping key already exists for this domain name")
        known = layout.APIS.find(here.tx, other.api_id)
        if known is not None and known.protocol_type != api.protocol_type:
            raise BadRequestException("WebSocket APIs cannot share a domain name with HTTP or REST APIs")


@reads
def get_api_mapping(here: Here, api_mapping_id: str, domain_name: str) -> dict[str, Any]:
    return describe(layout.MAPPINGS.require(here.tx, domain_name.lower(), api_mapping_id))


@reads
def get_api_mappings(here: Here, domain_name: str) -> dict[str, Any]:
    return {"Items": [describe(mapping) for mapping in layout.MAPPINGS.all(here.tx, domain_name.lower())]}


def delete_api_mapping(here: Here, api_mapping_id: str, domain_name: str) -> dict[str, Any]:
    layout.MAPPINGS.require(here.tx, domain_name.lower(), api_mapping_id)
    layout.MAPPINGS.delete(here.tx, domain_name.lower(), api_mapping_id)
    return {}


def described(domain: dict[str, Any]) -> dict[str, Any]:
    """A domain name of the REST service, as this API shows it."""
    configuration = {
        "ApiGatewayDomainName": domain["regionalDomainName"],
        "CertificateArn": domain.get("regionalCertificateArn"),
        "DomainNameStatus": domain["domainNameStatus"],
        "EndpointType": "REGIONAL",
        "HostedZoneId": domain["regionalHostedZoneId"],
        "SecurityPolicy": domain["securityPolicy"],
    }
    return {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": domain["domainName"],
        "DomainNameArn": domain["domainNameArn"],
        "DomainNameConfigurations": [configuration],
        "Tags": domain.get("tags") or {},
    }
