"""Who signed a request to an API. Credentials are not enforced: whoever signs is the account's root."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from panregion.services.here import Here
from panregion.world import Request

CREDENTIAL = re.compile(r"Credential=([^/,& ]+)/")


@dataclass(frozen=True, slots=True)
class Signer:
    """An access key and the identity that it stands for."""

    access_key: str
    account_id: str
    arn: str


def signer(here: Here, request: Request) -> Signer | None:
    """Who signed, by header or in the query string; None for a request without a signature."""
    header = request.header("authorization") or ""
    text = (
        header if header.startswith("AWS4-") else unquote(request.query) if "X-Amz-Signature=" in request.query else ""
    )
    found = CREDENTIAL.search(text)
    if not text:
        return None
    key = found[1] if found else ""
    return Signer(key, here.account_id, f"arn:aws:iam::{here.account_id}:root")
