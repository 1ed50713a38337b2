"""A small service under a real name, so that the region's machinery can be tested without any real service.

GetCallerIdentity is a read, GetSessionToken writes and leaves work, DecodeAuthorizationMessage is asynchronous.
"""

import asyncio
import sys
from typing import Any

from panregion.services import Here, Service, reads
from panregion.wire import AwsError


class ExpiredTokenException(AwsError):
    """Modelled by STS."""


@reads
def get_caller_identity(here: Here) -> dict[str, Any]:
    return {"Account": here.account_id, "Arn": (here.tx.get(("double", "arn")) or b"nobody").decode()}


def get_session_token(here: Here, duration_seconds: int = 0) -> dict[str, Any]:
    here.tx.put(("double", "arn"), b"written")
    here.later("sts.note", {"duration": duration_seconds}, here.now() + duration_seconds)
    if duration_seconds == 1313:
        raise ExpiredTokenException("too unlucky")
    return {"Credentials": {"SessionToken": "t"}}


async def decode_authorization_message(here: Here, encoded_message: str) -> dict[str, Any]:
    answer = await here.request("sts", "GetCallerIdentity", {})
    return {"DecodedMessage": f"{encoded_message} {answer['Arn']}"}


async def hang(_here: Here, _payload: dict[str, Any]) -> None:
    await asyncio.Event().wait()


async def note(here: Here, payload: dict[str, Any]) -> None:
    if payload["duration"] == 666:
        raise RuntimeError("never works")
    await here.transact(lambda there: there.tx.put(("double", "noted"), str(payload["duration"]).encode()))


SERVICE = Service(name="sts", api=sys.modules[__name__], work={"sts.hang": hang, "sts.note": note})
