"""Listeners and their certificates: operations."""

from typing import Any

import msgspec

from panregion.services import Here, reads
from panregion.services.elbv2 import actions, attributes, layout, tls_policies
from panregion.services.elbv2.api.forwarding import check_groups
from panregion.services.elbv2.api.pages import page
from panregion.services.elbv2.api.tags import put_new
from panregion.services.elbv2.errors import (
    CertificateNotFoundException,
    DuplicateListenerException,
    InvalidLoadBalancerActionException,
    ListenerNotFoundException,
    OperationNotPermittedException,
    SSLPolicyNotFoundException,
    TooManyCertificatesException,
    TooManyListenersException,
    UnsupportedProtocolException,
    ValidationError,
    unsupported,
)
from panregion.services.elbv2.model import (
    CERTIFICATES_MAX,
    LISTENERS_MAX,
    NETWORK_PROTOCOLS,
    Balancer,
    Listener,
    groups_of,
    show_default_rule,
    show_listener,
)
from panregion.wire import AwsError

Json = dict[str, Any]
HEX = "0123456789abcdef"
ALPN = ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")


def create_listener(
    here: Here,
    load_balancer_arn: str,
    default_actions: list[Json],
    protocol: str | None = None,
    port: int | None = None,
    ssl_policy: str | None = None,
    certificates: list[Json] | None = None,
    alpn_policy: list[str] | None = None,
    tags: list[dict[str, str]] | None = None,
    mutual_authentication: Json | None = None,
) -> Json:
    balancer = layout.balancer(here, load_balancer_arn)
    if protocol is None or port is None:
        raise ValidationError(f"A listener {'protocol' if protocol is None else 'port'} must be specified")
    _no_client_certificates(mutual_authentication)
    own = list(layout.listeners(here, balancer.arn))
    if any(listener.port == port for listener in own):
        raise DuplicateListenerException(
            f"A listener already exists on this port for this load balancer '{load_balancer_arn}'"
        )
    if len(own) >= LISTENERS_MAX:
        raise TooManyListenersException(f"A load balancer can have at most {LISTENERS_MAX} listeners")
    decided = actions.normal(default_actions)
    _check_protocol(balancer, protocol, decided)
    check_groups(here, decided, balancer.arn, protocol)
    new = Listener(
        arn=here.arn("elasticloadbalancing", f"listener/{balancer.path}/{here.world.chance.token(16, HEX)}"),
        balancer_arn=balancer.arn,
        port=port,
        protocol=protocol,
        actions=decided,
        alpn=_alpn(alpn_policy, protocol),
        **_secured(here, protocol, ssl_policy, certificates),
    )
    layout.put_listener(here, new)
    put_new(here, new.arn, tags)
    return {"Listeners": [show_listener(new)]}


def _check_protocol(balancer: Balancer, protocol: str, decided: list[Json]) -> None:
    """Raises UnsupportedProtocolException, InvalidLoadBalancerActionException."""
    if balancer.kind == "application":
        if protocol not in ("HTTP", "HTTPS"):
            raise UnsupportedProtocolException(
                f"Protocol '{protocol}' is not supported by application load balancers: HTTP or HTTPS"
            )
        return
    if protocol not in NETWORK_PROTOCOLS:
        raise unsupported(f"listeners of network load balancers with protocol {protocol}: only TCP, UDP, TCP_UDP")
    if decided[0]["Type"] != "forward" or len(groups_of(decided)) != 1:
        raise InvalidLoadBalancerActionException("A network load balancer can only forward to one target group")


def _no_client_certificates(asked: Json | None) -> None:
    if asked and asked.get("Mode", "off") != "off":
        raise unsupported(f"MutualAuthentication in mode {asked['Mode']}")


def _alpn(policy: list[str] | None, protocol: str) -> list[str]:
    for name in policy or []:
        if name not in ALPN:
            raise ValidationError(f"The ALPN policy '{name}' is not valid")
        if protocol in ("HTTP", "HTTPS"):
            raise ValidationError(f"ALPN policies cannot be specified for {protocol} listeners")
    return policy or []


def _secured(here: Here, protocol: str, policy: str | None, certificates: list[Json] | None) -> dict[str, Any]:
    """Certificates and security policy, as the protocol wants them. Raises."""
    if protocol != "HTTPS":
        if certificates or policy:
            raise ValidationError(
                "Certificates and a security policy can only be specified for listeners with HTTPS protocol"
            )
        return {}
    if not certificates:
        raise ValidationError("A certificate must be specified for HTTPS listeners")
    if len(certificates) > 1:
        raise ValidationError("You can specify only one certificate: add others with AddListenerCertificates")
    name = policy or tls_policies.DEFAULT
    if name not in tls_policies.POLICIES:
        raise SSLPolicyNotFoundException(f"SSL policy '{name}' not found")
    return {"ssl_policy": name, "certificates": [_certificate(here, certificates[0])]}


def _certificate(here: Here, given: Json) -> str:
    """Raises CertificateNotFoundException, ValidationError."""
    arn: str = given.get("CertificateArn", "")
    if ":server-certificate/" in arn:
        raise unsupported("certificates of IAM: use ACM")
    try:
        here.call("acm", "DescribeCertificate", {"CertificateArn": arn})
    except AwsError as error:
        raise CertificateNotFoundException(f"Certificate '{arn}' not found") from error
    return arn


@reads
def describe_listeners(
    here: Here,
    load_balancer_arn: str | None = None,
    listener_arns: list[str] | None = None,
    marker: str | None = None,
    page_size: int | None = None,
) -> Json:
    if not load_balancer_arn and not listener_arns:
        raise ValidationError("You must specify either listener ARNs or a load balancer ARN")
    if load_balancer_arn and listener_arns:
        raise ValidationError("A load balancer ARN and listener ARNs cannot be specified at the same time")
    if listener_arns:
        found = [layout.listener(here, arn) for arn in listener_arns]
    else:
        found = list(layout.listeners(here, layout.balancer(here, load_balancer_arn or "").arn))
    shown, following = page(found, marker, page_size)
    return {"Listeners": [show_listener(listener) for listener in shown], **following}


def modify_listener(
    here: Here,
    listener_arn: str,
    port: int | None = None,
    protocol: str | None = None,
    ssl_policy: str | None = None,
    certificates: list[Json] | None = None,
    default_actions: list[Json] | None = None,
    alpn_policy: list[str] | None = None,
    mutual_authentication: Json | None = None,
) -> Json:
    old = layout.listener(here, listener_arn)
    _no_client_certificates(mutual_authentication)
    port, protocol = port or old.port, protocol or old.protocol
    if any(other.port == port and other.arn != old.arn for other in layout.listeners(here, old.balancer_arn)):
        raise DuplicateListenerException(
            f"A listener already exists on this port for this load balancer '{old.balancer_arn}'"
        )
    if protocol == "HTTPS" and not certificates and old.certificates:
        certificates = [{"CertificateArn": old.certificates[0]}]
    secured = _secured(here, protocol, ssl_policy or (old.ssl_policy if protocol == "HTTPS" else None), certificates)
    if "certificates" in secured:
        default = secured["certificates"][0]
        secured["certificates"] = [default, *(arn for arn in old.certificates[1:] if arn != default)]
    decided = old.actions if default_actions is None else actions.normal(default_actions)
    _check_protocol(layout.balancer(here, old.balancer_arn), protocol, decided)
    check_groups(here, decided, old.balancer_arn, protocol)
    new = Listener(
        arn=old.arn,
        balancer_arn=old.balancer_arn,
        port=port,
        protocol=protocol,
        actions=decided,
        alpn=_alpn(alpn_policy, protocol),
        attributes=old.attributes,
        **secured,
    )
    layout.put_listener(here, new)
    return {"Listeners": [show_listener(new)]}


def delete_listener(here: Here, listener_arn: str) -> Json:
    layout.delete_listener(here, layout.listener(here, listener_arn))
    return {}


# Certificates


def add_listener_certificates(here: Here, listener_arn: str, certificates: list[Json]) -> Json:
    listener = _secure(here, listener_arn)
    for each in certificates:
        if "IsDefault" in each:
            raise ValidationError("IsDefault cannot be specified when certificates are added")
    arns = [_certificate(here, each) for each in certificates]
    kept = list(dict.fromkeys([*listener.certificates, *arns]))
    if len(kept) - 1 > CERTIFICATES_MAX:
        raise TooManyCertificatesException(f"A listener can have at most {CERTIFICATES_MAX} certificates")
    layout.put_listener(here, msgspec.structs.replace(listener, certificates=kept))
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in arns]}


def remove_listener_certificates(here: Here, listener_arn: str, certificates: list[Json]) -> Json:
    listener = _secure(here, listener_arn)
    gone = {each.get("CertificateArn") for each in certificates}
    if listener.certificates[0] in gone:
        raise OperationNotPermittedException("You cannot remove the default certificate of a listener")
    kept = [arn for arn in listener.certificates if arn not in gone]
    layout.put_listener(here, msgspec.structs.replace(listener, certificates=kept))
    return {}


def _secure(here: Here, arn: str) -> Listener:
    listener = layout.listener(here, arn)
    if listener.protocol != "HTTPS":
        raise ValidationError("Certificates can only be added to listeners with HTTPS protocol")
    return listener


@reads
def describe_listener_certificates(
    here: Here, listener_arn: str, marker: str | None = None, page_size: int | None = None
) -> Json:
    certificates = layout.listener(here, listener_arn).certificates
    listed = [{"CertificateArn": arn, "IsDefault": number == 0} for number, arn in enumerate(certificates)]
    shown, following = page(listed, marker, page_size)
    return {"Certificates": shown, **following}


@reads
def describe_ssl_policies(
    here: Here,
    names: list[str] | None = None,
    marker: str | None = None,
    page_size: int | None = None,
    load_balancer_type: str | None = None,
) -> Json:
    del here, load_balancer_type  # application and network load balancers have the same ones
    for name in names or []:
        if name not in tls_policies.POLICIES:
            raise SSLPolicyNotFoundException(f"SSL policy '{name}' not found")
    shown, following = page([tls_policies.show(name) for name in names or tls_policies.POLICIES], marker, page_size)
    return {"SslPolicies": shown, **following}


# Attributes


@reads
def describe_listener_attributes(here: Here, listener_arn: str) -> Json:
    found = layout.listener(here, listener_arn)
    return {"Attributes": attributes.shown(attributes.LISTENER, found.attributes)}


def modify_listener_attributes(here: Here, listener_arn: str, attributes: list[Json]) -> Json:
    found = layout.listener(here, listener_arn)
    layout.put_listener(here, msgspec.structs.replace(found, attributes=_changed(found.attributes, attributes)))
    return describe_listener_attributes(here, listener_arn)


def _changed(own: dict[str, str], given: list[Json]) -> dict[str, str]:
    return attributes.changed(attributes.LISTENER, own, given, "Listener")


def default_rule(here: Here, arn: str) -> Json | None:
    """The default rule of that ARN as it is shown, if there is one."""
    listener_arn = arn.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")
    try:
        listener = layout.listener(here, listener_arn)
    except (ListenerNotFoundException, ValidationError):
        return None
    return show_default_rule(listener) if listener.default_rule_arn == arn else None
