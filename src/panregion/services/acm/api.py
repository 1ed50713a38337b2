"""AWS Certificate Manager: one function per operation, named as AWS names it."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.acm import layout
from panregion.services.acm.errors import (
    InvalidDomainValidationOptionsException,
    InvalidStateException,
    ResourceInUseException,
    TooManyTagsException,
    ValidationException,
)
from panregion.services.acm.model import (
    TAGS_MAX,
    TOKEN_KEPT_S,
    VALID_FOR_S,
    Certificate,
    detail,
    names_of,
    serial_text,
    summary,
)
from panregion.world.aside import aside
from panregion.world.issuing import issue

PAGE_SIZE = 1000


async def request_certificate(
    here: Here,
    domain_name: str,
    validation_method: str = "EMAIL",
    subject_alternative_names: list[str] | None = None,
    idempotency_token: str | None = None,
    domain_validation_options: list[dict[str, str]] | None = None,
    options: dict[str, str] | None = None,
    tags: list[dict[str, str]] | None = None,
    key_algorithm: str = "RSA_2048",
) -> dict[str, Any]:
    names = names_of(domain_name, subject_alternative_names or [])
    validation_domains = {
        option["DomainName"].lower(): option["ValidationDomain"]
        for option in domain_validation_options or []
        if option.get("ValidationDomain")
    }
    for name in validation_domains:
        if name not in names:
            raise InvalidDomainValidationOptionsException(f"The request does not name the domain {name}")
    known = here.read(lambda here: _asked_before(here, idempotency_token, names))
    if known is not None:
        return {"CertificateArn": known}
    now = here.now()
    issued = await aside(issue, here.settings.path, names, key_algorithm, now, now + VALID_FOR_S)
    certificate = Certificate(
        arn=_new_arn(here),
        domain=names[0],
        names=names,
        type="AMAZON_ISSUED",
        key_algorithm=key_algorithm,
        created_at=now,
        not_before=now,
        not_after=now + VALID_FOR_S,
        serial=serial_text(issued.serial),
        subject=f"CN={names[0]}",
        issuer=issued.issuer,
        signature_algorithm=issued.signature_algorithm,
        validation_method=validation_method,
        validation_domains=validation_domains,
        options=options or {"CertificateTransparencyLoggingPreference": "ENABLED"},
        tags=_tagged({}, tags),
        pem=issued.certificate,
        chain=issued.chain,
    )
    return await here.transact(lambda here: _keep_issued(here, certificate, issued.key, idempotency_token))


def _keep_issued(here: Here, certificate: Certificate, key: str, token: str | None) -> dict[str, Any]:
    known = _asked_before(here, token, certificate.names)  # while this one was being issued
    if known is not None:
        return {"CertificateArn": known}
    layout.put(here.tx, certificate)
    layout.serve(here.tx, certificate, key)
    if token:
        now = certificate.created_at
        asked = layout.Asked(certificate.arn, now, certificate.names)
        layout.put_asked(here.tx, token, asked, now - TOKEN_KEPT_S)
    return {"CertificateArn": certificate.arn}


@reads
def describe_certificate(here: Here, certificate_arn: str) -> dict[str, Any]:
    return {"Certificate": detail(layout.require(here.tx, certificate_arn), _users(here, certificate_arn))}


@reads
def list_certificates(
    here: Here,
    certificate_statuses: list[str] | None = None,
    includes: dict[str, Any] | None = None,
    next_token: str | None = None,
    max_items: int = PAGE_SIZE,
    sort_by: str | None = None,
    sort_order: str | None = None,
) -> dict[str, Any]:
    everything = list(layout.everything(here.tx))
    if sort_by and sort_order == "DESCENDING":
        everything.reverse()
    wanted = (includes or {}).get("keyTypes")
    found = [c for c in everything if wanted is None or c.key_algorithm in wanted]
    if certificate_statuses and "ISSUED" not in certificate_statuses:
        found = []
    start = _offset(next_token)
    page = found[start : start + max_items]
    answer: dict[str, Any] = {
        "CertificateSummaryList": [summary(c, bool(_users(here, c.arn))) for c in page],
    }
    if start + max_items < len(found):
        answer["NextToken"] = str(start + max_items)
    return answer


def delete_certificate(here: Here, certificate_arn: str) -> dict[str, Any]:
    certificate = layout.require(here.tx, certificate_arn)
    if _users(here, certificate_arn):
        raise ResourceInUseException(f"Certificate {certificate_arn} is in use.")
    layout.delete(here.tx, certificate)
    return {}


def import_certificate(
    here: Here,
    certificate: bytes,
    private_key: bytes,
    certificate_arn: str | None = None,
    certificate_chain: bytes | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    from panregion.services.acm.pem import imported  # on demand: cryptography takes long to import

    old = layout.require(here.tx, certificate_arn) if certificate_arn else None
    if old is not None and not old.imported:
        raise ValidationException(f"Certificate {certificate_arn} was not imported, and cannot be imported again")
    if old is not None and tags:
        raise ValidationException("Tagging is not permitted on re-import.")
    arn = old.arn if old else _new_arn(here)
    new = imported(arn, certificate, private_key, certificate_chain, here.now())
    if old is not None:
        layout.delete(here.tx, old)
    kept_tags = old.tags if old else _tagged({}, tags)
    layout.put(here.tx, msgspec.structs.replace(new, tags=kept_tags))
    layout.serve(here.tx, new, private_key.decode())
    return {"CertificateArn": arn}


@reads
def get_certificate(here: Here, certificate_arn: str) -> dict[str, Any]:
    found = layout.require(here.tx, certificate_arn)
    if found.pem is None:
        raise InvalidStateException("The certificate was issued by an earlier version of panregion, which kept none")
    chain = {} if found.chain is None else {"CertificateChain": found.chain}
    return {"Certificate": found.pem, **chain}


def add_tags_to_certificate(here: Here, certificate_arn: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    found = layout.require(here.tx, certificate_arn)
    layout.put(here.tx, msgspec.structs.replace(found, tags=_tagged(found.tags, tags)))
    return {}


def remove_tags_from_certificate(here: Here, certificate_arn: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    found = layout.require(here.tx, certificate_arn)
    left = dict(found.tags)
    for tag in tags:
        if tag["Key"] in left and tag.get("Value") in (None, left[tag["Key"]]):
            del left[tag["Key"]]
    layout.put(here.tx, msgspec.structs.replace(found, tags=left))
    return {}


@reads
def list_tags_for_certificate(here: Here, certificate_arn: str) -> dict[str, Any]:
    found = layout.require(here.tx, certificate_arn)
    return {"Tags": [{"Key": key, **({} if value is None else {"Value": value})} for key, value in found.tags.items()]}


def update_certificate_options(here: Here, certificate_arn: str, options: dict[str, str]) -> dict[str, Any]:
    found = layout.require(here.tx, certificate_arn)
    if found.imported:
        raise InvalidStateException(f"Certificate {certificate_arn} is imported")
    layout.put(here.tx, msgspec.structs.replace(found, options={**found.options, **options}))
    return {}


def _new_arn(here: Here) -> str:
    return here.arn("acm", f"certificate/{here.world.chance.uuid()}")


def _asked_before(here: Here, token: str | None, names: list[str]) -> str | None:
    """The certificate that this token got within the hour, if it asked for the same."""
    request = layout.asked(here.tx, token) if token else None
    if request is None or here.now() - request.at > TOKEN_KEPT_S or request.names != names:
        return None
    return request.arn if here.tx.get(("acm", "place", request.arn)) else None


def _users(here: Here, arn: str) -> list[str]:
    """The custom domains, load balancers and distributions that present this certificate."""
    domains = here.call("apigateway", "GetDomainNames", {"limit": 500})["items"]
    used = [domain["domainNameArn"] for domain in domains if domain.get("regionalCertificateArn") == arn]
    for service in ("elbv2", "cloudfront"):
        used += here.call(service, "panregion:CertificateUsers", {"CertificateArn": arn})["arns"]
    return used


def _tagged(old: dict[str, str | None], tags: list[dict[str, str]] | None) -> dict[str, str | None]:
    new = {**old, **{tag["Key"]: tag.get("Value") for tag in tags or []}}
    if len(new) > TAGS_MAX:
        raise TooManyTagsException(f"A certificate can have at most {TAGS_MAX} tags")
    return new


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise ValidationException("Invalid NextToken")
    return int(token)
