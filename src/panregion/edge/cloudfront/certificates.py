"""What points of presence show to viewers who ask for HTTPS: by SNI, a certificate for the name that is asked for.

A distribution's own name is under *.cloudfront.net; an alternate domain name gets a certificate of its own, made by
the world's authority when it is first asked for. Who asks for neither sees *.cloudfront.net, as on AWS.
"""

import ssl
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from panregion.world.tls import listed_context

DEFAULT = "*.cloudfront.net"
CONTEXTS_MAX = 256


class Certificates:
    """Makes the context of a point of presence's TLS port. `is_known` tells whether a name is an alternate one."""

    def __init__(self, folder: Path, is_known: Callable[[str], bool]) -> None:
        self._folder = folder
        self._is_known = is_known
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    def server_context(self) -> ssl.SSLContext:
        """TLS 1.2 and 1.3; a distribution that wants the latter only refuses the former itself."""
        context = self._made(DEFAULT)
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        wanted = (name or "").lower()
        if not wanted.endswith(".cloudfront.net") and self._is_known(wanted):
            connection.context = self._context_for(wanted)

    def _context_for(self, name: str) -> ssl.SSLContext:
        found = self._contexts.get(name)
        if found is None:
            found = self._contexts[name] = self._made(name)
            if len(self._contexts) > CONTEXTS_MAX:
                self._contexts.popitem(last=False)
        self._contexts.move_to_end(name)
        return found

    def _made(self, name: str) -> ssl.SSLContext:
        context = listed_context(self._folder, [[name]], tls12=True, tls13=True)
        context.sni_callback = None
        context.set_alpn_protocols(["http/1.1"])
        return context
