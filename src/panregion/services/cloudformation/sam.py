"""The SAM transform, in a child process: the translator takes a second and tens of megabytes that a region lacks.

What comes out depends only on the template, the parameters and the region, so it is kept on disk under their hash.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from panregion.services.cloudformation.errors import ValidationError
from panregion.services.here import Here
from panregion.world.disk import write_durably
from panregion.world.process import PYTHON, run

TRANSFORM = "AWS::Serverless-2016-10-31"
_CHILD = Path(__file__).with_name("sam_child.py")
_TIMEOUT_S = 60.0


async def translate(here: Here, body: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The CloudFormation template that a SAM template stands for."""
    question = _question(body, parameters, here.region, here.account_id)
    kept = here.folder / "cache" / "sam" / f"{hashlib.sha256(question).hexdigest()}.json"
    if kept.exists():
        answer = kept.read_bytes()
    else:
        answer = await _ask_child(question)
    translated = _translated(answer)
    if not kept.exists():
        write_durably(kept, answer)
    return translated


async def translate_once(
    body: Mapping[str, Any], parameters: Mapping[str, Any], region: str, account_id: str
) -> dict[str, Any]:
    """The same without a region that keeps it: for whoever only looks at a template."""
    return _translated(await _ask_child(_question(body, parameters, region, account_id)))


def _question(body: Mapping[str, Any], parameters: Mapping[str, Any], region: str, account_id: str) -> bytes:
    return msgspec.json.encode(
        {
            "template": body,
            "parameters": parameters,
            "region": region,
            "account_id": account_id,
            "version": version("aws-sam-translator"),
        }
    )


def _translated(answer: bytes) -> dict[str, Any]:
    decoded = msgspec.json.decode(answer)
    if "error" in decoded:
        raise ValidationError(f"Transform {TRANSFORM} failed with: {decoded['error']}")
    translated: dict[str, Any] = decoded["template"]
    return translated


async def _ask_child(question: bytes) -> bytes:
    try:
        code, answer, complaint = await run([PYTHON, "-I", str(_CHILD)], stdin=question, timeout_s=_TIMEOUT_S)
    except TimeoutError as error:
        raise ValidationError(f"Transform {TRANSFORM} failed with: no answer in {_TIMEOUT_S:.0f} s") from error
    if code != 0:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {code}"]
        raise ValidationError(f"Transform {TRANSFORM} failed with: {last[0]}")
    return answer
