"""ImportTable, DescribeImport, ListImports: a new table filled from the objects below a prefix in S3.

A line or row that is no item of the table is counted and left out, as on AWS. An import that cannot be done at
all (no such bucket, no objects, a file that is not what it should be) fails, and its table is gone.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any

import msgspec
from backports.zstd import ZstdError
from backports.zstd import decompress as zstd_decompress

from panregion.languages.dynamodb import DynamoDbLanguageError, Item, measure_item
from panregion.services.dynamodb import jobs, layout, restores, writing
from panregion.services.dynamodb.checks import check_item, check_item_size
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.definitions import create_table
from panregion.services.dynamodb.errors import (
    ImportConflictException,
    ImportNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.global_tables import remove_table
from panregion.services.dynamodb.jobs import IMPORTS, Job
from panregion.services.dynamodb.model import TableView
from panregion.services.dynamodb.snapshots import politely
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.wire import AwsError
from panregion.world.aside import aside

Output = dict[str, Any]
Parameters = dict[str, Any]

STEP_ITEMS = 50
CREATION = {
    "AttributeDefinitions": "attribute_definitions",
    "KeySchema": "key_schema",
    "BillingMode": "billing_mode",
    "ProvisionedThroughput": "provisioned_throughput",
    "OnDemandThroughput": "on_demand_throughput",
    "SSESpecification": "sse_specification",
    "GlobalSecondaryIndexes": "global_secondary_indexes",
}
_items = msgspec.json.Decoder(dict[str, dict[str, dict[str, Any]]]).decode


def import_table(
    here: Here,
    s3_bucket_source: Parameters,
    input_format: str,
    table_creation_parameters: Parameters,
    client_token: str | None = None,
    input_format_options: Parameters | None = None,
    input_compression_type: str = "NONE",
) -> Output:
    if input_format != "CSV" and (input_format_options or {}).get("Csv"):
        raise ValidationException("InputFormatOptions.Csv can only be specified when InputFormat is CSV")
    request = {"asked": [s3_bucket_source, input_format, table_creation_parameters, input_compression_type]}
    known_job = jobs.repeated(here, IMPORTS, client_token, request, ImportConflictException)
    if known_job is not None:
        return {"ImportTableDescription": known_job.shown}
    name = table_creation_parameters["TableName"]
    given = {CREATION[member]: value for member, value in table_creation_parameters.items() if member in CREATION}
    created = create_table(here, name, **given)["TableDescription"]
    identifier = jobs.new_id(here)
    _fill(here, name, identifier)
    shown: Output = {
        "ImportArn": f"{created['TableArn']}/import/{identifier}",
        "ImportStatus": "IN_PROGRESS",
        "TableArn": created["TableArn"],
        "TableId": created["TableId"],
        "ClientToken": client_token or here.world.chance.uuid(),
        "S3BucketSource": s3_bucket_source,
        "ErrorCount": 0,
        "InputFormat": input_format,
        "InputCompressionType": input_compression_type,
        "TableCreationParameters": table_creation_parameters,
        "StartTime": here.now(),
    }
    if input_format_options:
        shown["InputFormatOptions"] = input_format_options
    job = Job(space=IMPORTS, id=identifier, table=name, shown=shown)
    jobs.keep(here, job)
    jobs.remember(here, job, client_token, request)
    here.later("dynamodb.import", {"arn": shown["ImportArn"]})
    return {"ImportTableDescription": shown}


def _fill(here: Here, name: str, identifier: str) -> None:
    """Keep the table CREATING until the import is done."""
    view = layout.read_table(here.tx, name)
    assert view is not None, "it was just created"
    layout.put_table(here.tx, msgspec.structs.replace(view.table, copy_from=f"import/{identifier}"))


@reads
def describe_import(here: Here, import_arn: str) -> Output:
    job = jobs.find(here, IMPORTS, import_arn)
    if job is None:
        raise ImportNotFoundException(f"Import not found: {import_arn}")
    return {"ImportTableDescription": job.shown}


@reads
def list_imports(
    here: Here, table_arn: str | None = None, page_size: int | None = None, next_token: str | None = None
) -> Output:
    name = None if table_arn is None else checked_name(table_arn)
    found, token = jobs.page(here, IMPORTS, name, next_token, page_size)
    members = ("ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime")
    output: Output = {
        "ImportSummaryList": [{name: job.shown[name] for name in members if name in job.shown} for job in found]
    }
    return output | ({"NextToken": token} if token else {})


# Work


_DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "NONE": bytes,
    "GZIP": gzip.decompress,
    "ZSTD": zstd_decompress,
}


class Unusable(Exception):
    """An object that is not what the import said it is."""


async def import_work(here: Here, payload: Output) -> None:
    job = here.read(lambda here: jobs.find(here, IMPORTS, payload["arn"]))
    if job is None or not job.running:
        return
    view = here.read(lambda here: _table(here, job))
    if view is None:
        changes: Output = {"ImportStatus": "CANCELLED"}
    else:
        try:
            changes = await Reader(here, job, view).read()
        except AwsError as error:
            changes = _failure(f"S3{error.code}", error.message)
        except Unusable as error:
            changes = _failure("InputFormatError", str(error))
    await here.transact(partial(_finish, job=job, changes=changes))


def _failure(code: str, message: str) -> Output:
    return {"ImportStatus": "FAILED", "FailureCode": code, "FailureMessage": message}


def _table(here: Here, job: Job) -> TableView | None:
    view = layout.read_table(here.tx, job.table)
    return view if view is not None and view.table.id == job.shown["TableId"] else None


def _finish(here: Here, job: Job, changes: Output) -> None:
    view = _table(here, job)
    if view is not None and changes["ImportStatus"] == "COMPLETED":
        restores.activate(here, msgspec.structs.replace(view.table, copy_from=None))
    elif view is not None:
        remove_table(here, view.table)
    jobs.tell(here, job, EndTime=here.now(), **changes)


class Reader:
    """Reads one import's objects into its table."""

    def __init__(self, here: Here, job: Job, view: TableView) -> None:
        self._here = here
        self._view = view
        self._shown = job.shown
        self._errors = 0
        self._processed = 0
        self._bytes = 0
        self._imported = 0

    async def read(self) -> Output:
        """Everything; returns what the description then says."""
        keys = await self._keys()
        if not keys:
            raise AwsError.of("NoSuchKey", "No objects were found below the prefix")
        for key in keys:
            await self._read_object(key)
        return {
            "ImportStatus": "COMPLETED",
            "ErrorCount": self._errors,
            "ProcessedItemCount": self._processed,
            "ImportedItemCount": self._imported,
            "ProcessedSizeBytes": self._bytes,
        }

    async def _keys(self) -> list[str]:
        source = self._shown["S3BucketSource"]
        params = {"Bucket": source["S3Bucket"], "Prefix": source.get("S3KeyPrefix", "")}
        keys: list[str] = []
        while True:
            page = await self._here.request("s3", "ListObjectsV2", params)
            keys += [entry["Key"] for entry in page.get("Contents", []) if not entry["Key"].endswith("/")]
            if not page.get("NextContinuationToken"):
                return keys
            params["ContinuationToken"] = page["NextContinuationToken"]

    async def _read_object(self, key: str) -> None:
        bucket = self._shown["S3BucketSource"]["S3Bucket"]
        body = (await self._here.request("s3", "GetObject", {"Bucket": bucket, "Key": key}))["Body"]
        data = body if isinstance(body, bytes) else b"".join([piece async for piece in body])
        self._bytes += len(data)
        try:
            data = await aside(_DECOMPRESS[self._shown["InputCompressionType"]], data)
            rows = iter(await self._read_rows(data))
        except (OSError, EOFError, zlib.error, ZstdError, UnicodeDecodeError) as error:
            raise Unusable(f"{key}: {error}") from error
        while step := list(islice(rows, STEP_ITEMS)):
            self._processed += len(step)
            items = [found for item in step if (found := self._checked(item)) is not None]
            await politely(self._here, partial(self._put, items=items))
            self._imported += len(items)
            self._errors += len(step) - len(items)

    async def _read_rows(self, data: bytes) -> Iterable[Item | None]:
        match self._shown["InputFormat"]:
            case "ION":
                ion = import_module("panregion.services.dynamodb.ion_format")
                try:
                    found: list[Item | None] = await aside(lambda: list(ion.items_of(data)))
                except ion.NotIon as error:
                    raise Unusable(str(error)) from error
                return found
            case "CSV":
                return self._rows(data.decode("utf-8-sig"))
        return _lines(data.decode("utf-8-sig"))

    def _checked(self, item: Item | None) -> tuple[Item, int] | None:
        if item is None:
            return None
        try:
            size = measure_item(item)
            check_item_size(size)
            check_item(self._view, item)
        except (DynamoDbLanguageError, ValidationException):
            return None
        return item, size

    def _put(self, here: Here, items: Iterable[tuple[Item, int]]) -> None:
        for item, size in items:
            writing.put(here, self._view, layout.item_key(self._view, item), item, size, None)

    def _rows(self, text: str) -> Iterator[Item | None]:
        """CSV: keys have their types, all else is text."""
        options = (self._shown.get("InputFormatOptions") or {}).get("Csv") or {}
        rows = csv.reader(io.StringIO(text), delimiter=options.get("Delimiter", ","))
        header = options.get("HeaderList") or next(rows, [])
        kinds = self._view.table.attributes
        for row in rows:
            if row:
                pairs = zip(header, row, strict=False)
                item = {name: {kinds.get(name, "S"): value} for name, value in pairs}
                yield item if len(row) <= len(header) else None


def _lines(text: str) -> Iterator[Item | None]:
    """DynamoDB JSON: an object with an Item on each line."""
    for line in text.splitlines():
        if line.strip():
            try:
                yield _items(line)["Item"]
            except (msgspec.DecodeError, KeyError):
                yield None
