"""The SAM transform through its child process, against a golden file.

After a deliberate change: PANREGION_GOLDEN=write pytest tests/services/cloudformation/test_sam.py
"""

import os
from pathlib import Path

import msgspec
import pytest

from panregion.services.cloudformation import intake, reader, sam
from panregion.services.cloudformation.errors import ValidationError
from panregion.services.cloudformation.template import parse
from tests.services.cloudformation.bench import Bench

GOLDEN = Path(__file__).parent / "golden"
BROKEN = """
Transform: AWS::Serverless-2016-10-31
Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: src}}}
"""


async def test_a_golden_template(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (GOLDEN / "sam.yaml").read_text()
    body = await intake.transformed(bench.here, text, reader.read(text), {"Stage": "live"})
    parse(text, body)
    written = msgspec.json.format(msgspec.json.encode(body, order="deterministic"), indent=1) + b"\n"
    if os.environ.get("PANREGION_GOLDEN") == "write":
        (GOLDEN / "sam.json").write_bytes(written)
    assert written == (GOLDEN / "sam.json").read_bytes()

    async def never(_question: bytes) -> bytes:
        raise AssertionError("the second time, the answer is on disk")

    monkeypatch.setattr(sam, "_ask_child", never)
    again = await intake.transformed(bench.here, text, reader.read(text), {"Stage": "live"})
    assert again == body


async def test_what_sam_refuses_is_said_in_its_words(bench: Bench) -> None:
    with pytest.raises(
        ValidationError, match=r"Serverless-2016-10-31 failed with: Invalid Serverless Application .*\[F\]"
    ):
        await bench.create(BROKEN, Capabilities=["CAPABILITY_AUTO_EXPAND"])


async def test_in_a_change_set_it_is_the_change_sets_status(bench: Bench) -> None:
    await bench.ask("CreateChangeSet", StackName="s", ChangeSetName="c", TemplateBody=BROKEN, ChangeSetType="CREATE")
    found = await bench.ask("DescribeChangeSet", StackName="s", ChangeSetName="c")
    assert found["Status"] == "FAILED"
    assert "Resource with id [F] is invalid" in found["StatusReason"]
