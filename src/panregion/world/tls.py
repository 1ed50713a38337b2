"""TLS with the world's own certificate authority.

AWS serves APIs over HTTPS only, so a template that is to run there asks for HTTPS health checks and domains.
The authority is made once per world and kept in its folder; every server makes a certificate for whatever name
a client asks for by SNI, when it first asks. Who wants to verify points its client at `authority.pem`.
"""

import ssl
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from panregion.world.disk import write_durably

if TYPE_CHECKING:
    import trustme

CERTIFICATE, KEY = "authority.pem", "authority.key"


class AuthorityDamaged(Exception):
    """The world's authority cannot be used; the text says why and what to do."""


def make_authority(folder: Path) -> None:
    """Make the world's certificate authority, unless it is there. Raises AuthorityDamaged where it is, but no good."""
    if (folder / KEY).exists():
        check_authority(folder)
        return
    import trustme  # on demand: it takes a tenth of a second, and only the first `up` needs it

    authority = trustme.CA(organization_name="panregion", organization_unit_name="this machine only")
    write_durably(folder / CERTIFICATE, authority.cert_pem.bytes())
    write_durably(folder / KEY, authority.private_key_pem.bytes())
    (folder / KEY).chmod(0o600)


def check_authority(folder: Path) -> None:
    """Raises AuthorityDamaged unless certificate and key can be read and belong together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(folder / CERTIFICATE, folder / KEY, password=_refuse)
    except (OSError, ValueError) as error:
        reason = "authority.pem is missing" if not (folder / CERTIFICATE).exists() else str(error)
        raise AuthorityDamaged(
            f"the world's certificate authority is damaged: {folder / KEY} does not go with {CERTIFICATE} ({reason}). "
            "Put the file back, or delete both: `panregion up` then makes new ones, which clients have to trust anew"
        ) from error


def _refuse() -> str:
    """A key of ours has no password; without this OpenSSL would ask for one at the terminal."""
    raise ValueError("the key is encrypted")


Find = Callable[[str], tuple[str, str, str] | None]
"""A name -> (id, certificate with chain, key), as PEM, of a certificate that somebody keeps for it; None: nobody."""


def server_context(folder: Path, default_name: str, find: Find = lambda _name: None) -> ssl.SSLContext:
    """A context that has a certificate for every name it is asked for; `default_name` serves clients without SNI.

    A certificate that is kept for the name goes before one that is made for it.
    """
    contexts: dict[tuple[str, str], ssl.SSLContext] = {}

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        wanted = name or default_name
        kept = find(wanted) if name else None
        place = (wanted, "") if kept is None else ("", kept[0])
        if place not in contexts:
            contexts[place] = _context_for(folder, wanted) if kept is None else _context_of(kept[1], kept[2])
        connection.context = contexts[place]

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = choose
    return context


def listed_context(folder: Path, certificates: Sequence[Sequence[str]], *, tls12: bool, tls13: bool) -> ssl.SSLContext:
    """A context with a certificate for each list of names; who asks for none of them gets the first.

    The best certificate for a name asked for by SNI is one with that very name, then one with a wildcard for it.
    """
    made: dict[int, ssl.SSLContext] = {}

    def context_of(number: int) -> ssl.SSLContext:
        if number not in made:
            made[number] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            _authority(folder).issue_cert(*certificates[number]).configure_cert(made[number])
        return made[number]

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = context_of(best_certificate(certificates, name or ""))

    context = context_of(0)
    context.minimum_version = ssl.TLSVersion.TLSv1_2 if tls12 else ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3 if tls13 else ssl.TLSVersion.TLSv1_2
    context.sni_callback = choose
    return context


def best_certificate(certificates: Sequence[Sequence[str]], name: str) -> int:
    """The number of the certificate that a server shows to who asks for `name`; 0 where none is for it."""
    name = name.lower()
    wildcard = f"*.{name.partition('.')[2]}"
    for wanted in (name, wildcard):
        for number, names in enumerate(certificates):
            if wanted in names:
                return number
    return 0


def _context_for(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority(folder).issue_cert(name).configure_cert(context)
    return context


def _context_of(chain: str, key: str) -> ssl.SSLContext:
    """A context with a certificate that is kept: the ssl module takes it from a file only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:  # readable by its owner only
        file.write(key + chain)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _authority(folder: Path) -> "trustme.CA":
    import trustme  # on demand: a region that nobody speaks TLS to never loads it

    return trustme.CA.from_pem((folder / CERTIFICATE).read_bytes(), (folder / KEY).read_bytes())


def write_certificate(folder: Path, name: str, to: Path) -> tuple[Path, Path]:
    """A certificate of the authority for a name, and its key, as PEM files in the folder `to`; returns their paths."""
    issued = _authority(folder).issue_cert(name)
    certificate, key = to / "certificate.pem", to / "key.pem"
    write_durably(certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    write_durably(key, issued.private_key_pem.bytes())
    key.chmod(0o600)
    return certificate, key


def trusting(folder: Path) -> ssl.SSLContext:
    """A client's context that trusts this world's authority and no other."""
    return ssl.create_default_context(cafile=str(folder / CERTIFICATE))


def unverified() -> ssl.SSLContext:
    """A client's context that checks no certificate, as Route 53's health checkers do not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the system's authorities: 30 ms to read them
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
