"""Security policies of HTTPS listeners: which versions of TLS each allows. Pure.

AWS's older policies also allow TLS 1.0 and 1.1; here nothing older than 1.2 is spoken, whatever the policy says. The
ciphers are those that AWS lists for TLS 1.3, and for 1.2 the forward-secret ones with AEAD, which every policy has.
"""

from typing import Any

CIPHERS_13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
CIPHERS_12 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
DEFAULT = "ELBSecurityPolicy-2016-08"

_OLD, _NEW = ("TLSv1", "TLSv1.1", "TLSv1.2"), ("TLSv1.2", "TLSv1.3")
POLICIES: dict[str, tuple[str, ...]] = {
    "ELBSecurityPolicy-2016-08": _OLD,
    "ELBSecurityPolicy-FS-2018-06": _OLD,
    "ELBSecurityPolicy-FS-1-1-2019-08": _OLD[1:],
    "ELBSecurityPolicy-FS-1-2-2019-08": _OLD[2:],
    "ELBSecurityPolicy-FS-1-2-Res-2019-08": _OLD[2:],
    "ELBSecurityPolicy-FS-1-2-Res-2020-10": _OLD[2:],
    "ELBSecurityPolicy-TLS-1-0-2015-04": _OLD,
    "ELBSecurityPolicy-TLS-1-1-2017-01": _OLD[1:],
    "ELBSecurityPolicy-TLS-1-2-2017-01": _OLD[2:],
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": _OLD[2:],
    "ELBSecurityPolicy-TLS13-1-0-2021-06": (*_OLD, "TLSv1.3"),
    "ELBSecurityPolicy-TLS13-1-1-2021-06": (*_OLD[1:], "TLSv1.3"),
    "ELBSecurityPolicy-TLS13-1-2-2021-06": _NEW,
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06": _NEW,
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": _NEW,
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": _NEW,
    "ELBSecurityPolicy-TLS13-1-3-2021-06": _NEW[1:],
}


def show(name: str) -> dict[str, Any]:
    protocols = POLICIES[name]
    ciphers = (CIPHERS_13 if "TLSv1.3" in protocols else ()) + (CIPHERS_12 if "TLSv1.2" in protocols else ())
    return {
        "Name": name,
        "SslProtocols": list(protocols),
        "Ciphers": [{"Name": cipher, "Priority": number} for number, cipher in enumerate(ciphers, 1)],
        "SupportedLoadBalancerTypes": ["application", "network"],
    }


def versions(name: str) -> tuple[bool, bool]:
    """Whether a policy allows TLS 1.2, and whether 1.3."""
    protocols = POLICIES[name]
    return "TLSv1.2" in protocols, "TLSv1.3" in protocols
