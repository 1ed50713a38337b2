"""Exports and imports as they are kept: what DescribeExport and DescribeImport tell, and the tokens of requests.

("dynamodb-exports", id), ("dynamodb-imports", id)       -> Job, MessagePack; ids begin with the time
("dynamodb-job-tokens", space, token)                    -> (print of the request, id, when)
"""

from hashlib import sha256
from typing import Any

import msgspec

from panregion.services.here import Here
from panregion.store import Key
from panregion.wire import AwsError

Output = dict[str, Any]

EXPORTS = "dynamodb-exports"
IMPORTS = "dynamodb-imports"
TOKENS = "dynamodb-job-tokens"
TOKEN_LIFE_S = 8 * 3600.0
PAGE = 25


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`shown` is what a description of it says; `number` names its snapshot, if it has one."""

    space: str
    id: str
    table: str
    shown: Output
    number: int = 0

    @property
    def running(self) -> bool:
        return "IN_PROGRESS" in (self.shown.get("ExportStatus"), self.shown.get("ImportStatus"))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Job).decode


def new_id(here: Here) -> str:
    return f"{int(here.now() * 1000):014d}-{here.world.chance.token(8, '0123456789abcdef')}"


def keep(here: Here, job: Job) -> None:
    here.tx.put((job.space, job.id), _encode(job))


def tell(here: Here, job: Job, **changes: Any) -> Job:
    """Change what is told of a job."""
    changed = msgspec.structs.replace(job, shown={**job.shown, **changes})
    keep(here, changed)
    return changed


def find(here: Here, space: str, arn: str) -> Job | None:
    """The export or import that an ARN names."""
    identifier = arn.rpartition("/")[2]
    found = here.tx.get((space, identifier))
    if found is None:
        return None
    job = _decode(found)
    return job if arn in (job.shown.get("ExportArn"), job.shown.get("ImportArn")) else None


def page(
    here: Here, space: str, table: str | None, token: str | None, limit: int | None
) -> tuple[list[Job], str | None]:
    """Some jobs, of one table or all, and where to go on."""
    most = min(limit or PAGE, PAGE)
    after: Key | None = None if token is None else (space, token)
    found: list[Job] = []
    for data in here.tx.values((space,), after=after):
        job = _decode(data)
        if table is not None and job.table != table:
            continue
        if len(found) == most:
            return found, found[-1].id
        found.append(job)
    return found, None


def repeated(here: Here, space: str, token: str | None, request: Output, conflict: type[AwsError]) -> Job | None:
    """The job that this very request has begun before. Raises `conflict` for another request with its token."""
    if token is None:
        return None
    known = here.tx.get((TOKENS, space, token))
    if known is None:
        return None
    print_, identifier, when = msgspec.msgpack.decode(known, type=tuple[bytes, str, float])
    if when + TOKEN_LIFE_S < here.now():
        return None
    if print_ != _print(request):
        raise conflict("The request uses the same client token as a previous, but non-identical request.")
    data = here.tx.get((space, identifier))
    return None if data is None else _decode(data)


def remember(here: Here, job: Job, token: str | None, request: Output) -> None:
    if token is not None:
        here.tx.put((TOKENS, job.space, token), msgspec.msgpack.encode((_print(request), job.id, here.now())))


def _print(request: Output) -> bytes:
    return sha256(msgspec.json.encode(request)).digest()


def seconds(given: Any) -> float:
    """A timestamp parameter as epoch seconds."""
    return float(given.timestamp()) if hasattr(given, "timestamp") else float(given)
