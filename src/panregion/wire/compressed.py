"""Bodies that a client compressed (Smithy's requestCompression): CloudWatch's metrics, for one.

Of the REST protocols only operations that ask for it are treated so: S3 keeps what it is given, gzip and all.
"""

import gzip
import zlib

from panregion.wire.chunked import without_coding
from panregion.wire.errors import SerializationException
from panregion.world.http import Request


def unpacked(request: Request, body: bytes) -> tuple[Request, bytes]:
    """The request as if it had not been compressed."""
    codings = [part.strip() for part in (request.header("content-encoding") or "").split(",")]
    if codings[-1] != "gzip":
        return request, body
    try:
        body = gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise SerializationException("The request body is not what its Content-Encoding says") from error
    return request.with_headers(without_coding(request.headers, "gzip")), body
