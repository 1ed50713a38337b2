"""Attributes of load balancers, listeners and target groups: their defaults, and what values they may have. Pure.

Those that panregion acts on are in ACTED_ON; the others are checked, kept and shown.
"""

import re
from collections.abc import Mapping

from panregion.services.elbv2.errors import ValidationError

ACTED_ON = frozenset(
    {
        "deletion_protection.enabled",
        "idle_timeout.timeout_seconds",
        "routing.http.drop_invalid_header_fields.enabled",
        "routing.http.preserve_host_header.enabled",
        "routing.http.response.server.enabled",
        "routing.http.xff_client_port.enabled",
        "routing.http.xff_header_processing.mode",
        "lambda.multi_value_headers.enabled",
        "load_balancing.algorithm.type",
        "stickiness.enabled",
        "stickiness.lb_cookie.duration_seconds",
    }
)

SWITCH = "true|false"
BALANCER: dict[str, tuple[str, str]] = {
    "access_logs.s3.enabled": ("false", SWITCH),
    "access_logs.s3.bucket": ("", ".*"),
    "access_logs.s3.prefix": ("", ".*"),
    "client_keep_alive.seconds": ("3600", r"\d{2,6}"),
    "connection_logs.s3.enabled": ("false", SWITCH),
    "connection_logs.s3.bucket": ("", ".*"),
    "connection_logs.s3.prefix": ("", ".*"),
    "deletion_protection.enabled": ("false", SWITCH),
    "health_check_logs.s3.enabled": ("false", SWITCH),
    "health_check_logs.s3.bucket": ("", ".*"),
    "health_check_logs.s3.prefix": ("", ".*"),
    "idle_timeout.timeout_seconds": ("60", "[1-9][0-9]{0,2}|[1-3][0-9]{3}|4000"),
    "ipv6.deny_all_igw_traffic": ("false", SWITCH),
    "load_balancing.cross_zone.enabled": ("true", "true"),
    "routing.http.desync_mitigation_mode": ("defensive", "monitor|defensive|strictest"),
    "routing.http.drop_invalid_header_fields.enabled": ("false", SWITCH),
    "routing.http.preserve_host_header.enabled": ("false", SWITCH),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": ("false", SWITCH),
    "routing.http.xff_client_port.enabled": ("false", SWITCH),
    "routing.http.xff_header_processing.mode": ("append", "append|preserve|remove"),
    "routing.http2.enabled": ("true", SWITCH),
    "waf.fail_open.enabled": ("false", SWITCH),
    "zonal_shift.config.enabled": ("false", SWITCH),
}
NETWORK: dict[str, tuple[str, str]] = {
    "access_logs.s3.enabled": ("false", SWITCH),
    "access_logs.s3.bucket": ("", ".*"),
    "access_logs.s3.prefix": ("", ".*"),
    "deletion_protection.enabled": ("false", SWITCH),
    "dns_record.client_routing_policy": (
        "any_availability_zone",
        "any_availability_zone|availability_zone_affinity|partial_availability_zone_affinity",
    ),
    "load_balancing.cross_zone.enabled": ("false", SWITCH),
    "zonal_shift.config.enabled": ("false", SWITCH),
}
LISTENER: dict[str, tuple[str, str]] = {
    "routing.http.response.server.enabled": ("true", SWITCH),
    "routing.http.response.strict_transport_security.header_value": ("", ".*"),
    "routing.http.response.access_control_allow_origin.header_value": ("", ".*"),
    "routing.http.response.content_security_policy.header_value": ("", ".*"),
    "routing.http.response.x_content_type_options.header_value": ("", "|nosniff"),
    "routing.http.response.x_frame_options.header_value": ("", ".*"),
}
RESPONSE_HEADERS = {
    "routing.http.response.strict_transport_security.header_value": "strict-transport-security",
    "routing.http.response.access_control_allow_origin.header_value": "access-control-allow-origin",
    "routing.http.response.content_security_policy.header_value": "content-security-policy",
    "routing.http.response.x_content_type_options.header_value": "x-content-type-options",
    "routing.http.response.x_frame_options.header_value": "x-frame-options",
}
_GROUP_HEALTH = {
    "target_group_health.dns_failover.minimum_healthy_targets.count": ("1", r"off|\d+"),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": ("off", r"off|\d+"),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": ("1", r"\d+"),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": ("off", r"off|\d+"),
}
GROUP_LAMBDA: dict[str, tuple[str, str]] = {"lambda.multi_value_headers.enabled": ("false", SWITCH), **_GROUP_HEALTH}
GROUP_IP: dict[str, tuple[str, str]] = {
    "deregistration_delay.timeout_seconds": ("300", "[0-9]{1,3}|[1-2][0-9]{3}|3[0-5][0-9]{2}|3600"),
    "load_balancing.algorithm.anomaly_mitigation": ("off", "off|on"),
    "load_balancing.algorithm.type": ("round_robin", "round_robin|least_outstanding_requests|weighted_random"),
    "load_balancing.cross_zone.enabled": (
        "use_load_balancer_configuration",
        f"{SWITCH}|use_load_balancer_configuration",
    ),
    "slow_start.duration_seconds": ("0", "0|[3-9][0-9]|[1-8][0-9]{2}|900"),
    "stickiness.app_cookie.cookie_name": ("", ".*"),
    "stickiness.app_cookie.duration_seconds": ("86400", r"[1-9]\d{0,5}"),
    "stickiness.enabled": ("false", SWITCH),
    "stickiness.lb_cookie.duration_seconds": ("86400", r"[1-9]\d{0,5}"),
    "stickiness.type": ("lb_cookie", "lb_cookie"),
    **_GROUP_HEALTH,
}


GROUP_NETWORK: dict[str, tuple[str, str]] = {
    "deregistration_delay.connection_termination.enabled": ("false", SWITCH),
    "deregistration_delay.timeout_seconds": ("300", "[0-9]{1,4}"),
    "load_balancing.cross_zone.enabled": ("use_load_balancer_configuration", ".*"),
    "preserve_client_ip.enabled": ("false", "false"),
    "proxy_protocol_v2.enabled": ("false", "false"),
    "stickiness.enabled": ("false", "false"),
    "stickiness.type": ("source_ip", "source_ip"),
    **_GROUP_HEALTH,
}
"""Of those that would change what a target sees or gets, only what is done is taken."""


def shown(kinds: Mapping[str, tuple[str, str]], own: Mapping[str, str]) -> list[dict[str, str]]:
    """All attributes, own values over defaults."""
    return [{"Key": key, "Value": own.get(key, default)} for key, (default, _) in sorted(kinds.items())]


def changed(
    kinds: Mapping[str, tuple[str, str]], own: Mapping[str, str], given: list[dict[str, str]], of: str
) -> dict[str, str]:
    """Own values after a request. Raises ValidationError; `of` names the kind in its text."""
    new = dict(own)
    for attribute in given:
        key, value = attribute.get("Key", ""), attribute.get("Value", "")
        if key not in kinds:
            raise ValidationError(f"{of} attribute key '{key}' is not recognized")
        if re.fullmatch(kinds[key][1], value) is None:
            raise ValidationError(f"{of} attribute value '{value}' for the key '{key}' is not valid")
        new[key] = value
    return new


def value(kinds: Mapping[str, tuple[str, str]], own: Mapping[str, str], key: str) -> str:
    return own.get(key, kinds[key][0])
