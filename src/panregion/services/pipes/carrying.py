"""Carrying a batch through a pipe: enrichment, template, target; and what becomes of what failed.

What a target did not take of a queue's messages stays on the queue. Of a stream, the batch is tried again from the
first record that failed, up to the pipe's retries and its records' age, and then told to the dead-letter queue.
"""

import logging
from typing import Any

from panregion.functions import iso
from panregion.services import Here
from panregion.services.pipes import layout
from panregion.services.pipes.inputs import NotJson, as_json, as_text, filled, reserved_names
from panregion.services.pipes.model import Pipe, region_of, service_of
from panregion.services.pipes.targets import invoke, send
from panregion.services.sources import Taken, batch_info
from panregion.wire import AwsError

Json = dict[str, Any]

EMPTY: tuple[Any, ...] = (None, "", {}, [])
"""Answers of an enrichment by which it says that the target is not to be invoked."""

log = logging.getLogger("panregion.pipes")


class Carrier:
    """One pipe, as the reader of its source knows it."""

    def __init__(self, here: Here, pipe: Pipe) -> None:
        self._here = here
        self._pipe = pipe
        self._of_stream = service_of(pipe.source) == "dynamodb"

    async def take(self, records: list[Json]) -> Taken:
        try:
            return Taken(await self._carry(records))
        except NotJson as error:
            return self._failed("InvalidInput", str(error))
        except AwsError as error:
            if self._of_stream and error.fault != "Sender":
                raise  # no failure of the application's: it does not count against the retries
            return self._failed(error.code, error.message)

    def _failed(self, code: str, message: str) -> Taken:
        log.warning("the pipe %s: %s: %s", self._pipe.name, code, message)
        return Taken(None, code)

    async def _carry(self, records: list[Json]) -> list[str]:
        """The identifiers of the records that were not taken. Raises AwsError, NotJson."""
        here, pipe = self._here, self._pipe
        reserved = reserved_names(layout.arn_of(here, pipe.name), pipe, here.now())
        identifiers = [_identifier(record) for record in records]
        passed: list[Any] = list(records)
        if pipe.enrichment:
            passed = await self._enriched(records, reserved)
        if not passed:
            return []
        template = pipe.target_parameters.get("InputTemplate")
        batch = [(record, filled(template, record, reserved)) for record in passed]
        same = len(passed) == len(records)
        failed = await send(here, pipe, batch, identifiers if same else [])
        return [identifiers[number] for number in failed] if same else identifiers if failed else []

    async def _enriched(self, records: list[Json], reserved: dict[str, str]) -> list[Any]:
        """What the enrichment makes of the records; nothing where it wants nothing passed on."""
        pipe = self._pipe
        template = pipe.enrichment_parameters.get("InputTemplate")
        given = [as_json(filled(template, record, reserved)) for record in records]
        answer = as_json((await invoke(self._here, pipe.enrichment, as_text(given).encode())).decode() or "null")
        if answer in EMPTY:
            return []
        return answer if isinstance(answer, list) else [answer]

    async def give_up(self, shard: str, records: list[Json], condition: str, _tried: int, _taken: Taken | None) -> None:
        here, pipe = self._here, self._pipe
        arn = (pipe.source_settings.get("DeadLetterConfig") or {}).get("Arn")
        if not arn:
            return
        told = as_text(
            {
                "context": {"partnerResourceArn": layout.arn_of(here, pipe.name), "condition": condition},
                "version": "1.0",
                "timestamp": iso(int(here.now() * 1000)),
                "DDBStreamBatchInfo": batch_info(pipe.source, shard, records),
            }
        )
        region = region_of(arn)
        if service_of(arn) == "sns":
            await here.request("sns", "Publish", {"TopicArn": arn, "Message": told}, region=region)
        else:
            account, name = arn.split(":")[4:6]
            url = f"{here.settings.endpoint(region)}/{account}/{name}"
            await here.request("sqs", "SendMessage", {"QueueUrl": url, "MessageBody": told}, region=region)


def _identifier(record: Json) -> str:
    return str(record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["messageId"])
