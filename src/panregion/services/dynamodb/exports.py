"""ExportTableToPointInTime, DescribeExport, ListExports: a table's items of one moment, or what changed, in S3.

The work is a snapshot (snapshots.py) written out in files of DynamoDB JSON or Ion, gzipped, with AWS's manifests:

    prefix/AWSDynamoDB/<id>/_started
                           /data/<name>.json.gz, or .ion.gz          (incremental: prefix/AWSDynamoDB/data/)
                           /manifest-files.json, manifest-files.md5
                           /manifest-summary.json, manifest-summary.md5

File names come from the export's id, so that doing the work again writes the same files.
"""

import gzip
from base64 import b64encode
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from hashlib import md5, sha256
from importlib import import_module
from types import ModuleType
from typing import Any

import msgspec

from panregion.services.dynamodb import jobs, journal, layout, records, recovery, snapshots
from panregion.services.dynamodb.checks import INVALID
from panregion.services.dynamodb.checks import table_name as checked_name
from panregion.services.dynamodb.errors import (
    ExportConflictException,
    ExportNotFoundException,
    InvalidExportTimeException,
    PointInTimeRecoveryUnavailableException,
    TableNotFoundException,
    ValidationException,
)
from panregion.services.dynamodb.jobs import EXPORTS, Job
from panregion.services.dynamodb.model import KeyView, Table
from panregion.services.here import Here
from panregion.services.service import reads
from panregion.store import Key, unpack
from panregion.wire import AwsError
from panregion.wire.times import format_iso8601, parse_epoch
from panregion.world.aside import aside

Output = dict[str, Any]
Parameters = dict[str, Any]

FILE_BYTES = 8 * 1024 * 1024
PAGE_ITEMS = 500
VERSION = "2020-06-30"


def export_table_to_point_in_time(
    here: Here,
    table_arn: str,
    s3_bucket: str,
    export_time: Any = None,
    client_token: str | None = None,
    s3_bucket_owner: str | None = None,
    s3_prefix: str | None = None,
    s3_sse_algorithm: str | None = None,
    s3_sse_kms_key_id: str | None = None,
    export_format: str = "DYNAMODB_JSON",
    export_type: str = "FULL_EXPORT",
    incremental_export_specification: Parameters | None = None,
) -> Output:
    window = incremental_export_specification or {}
    asked = [table_arn, s3_bucket, s3_prefix, export_type, str(export_time), str(window)]
    known = jobs.repeated(here, EXPORTS, client_token, {"asked": asked}, ExportConflictException)
    if known is not None:
        return {"ExportDescription": known.shown}
    table = recovery.recoverable(here, table_arn)
    if table.recovery_from is None:
        raise PointInTimeRecoveryUnavailableException(f"Point in time recovery is not enabled for table '{table.name}'")
    moments = _moments(here, table, export_type, export_time, window)
    identifier = jobs.new_id(here)
    shown: Output = {
        "ExportArn": here.arn("dynamodb", f"table/{table.name}/export/{identifier}"),
        "ExportStatus": "IN_PROGRESS",
        "StartTime": here.now(),
        "TableArn": here.arn("dynamodb", f"table/{table.name}"),
        "TableId": table.id,
        "ClientToken": client_token or here.world.chance.uuid(),
        "S3Bucket": s3_bucket,
        "S3SseAlgorithm": s3_sse_algorithm or "AES256",
        "ExportFormat": export_format,
        "ExportType": export_type,
        **moments,
    }
    for name, value in (
        ("S3Prefix", s3_prefix),
        ("S3BucketOwner", s3_bucket_owner),
        ("S3SseKmsKeyId", s3_sse_kms_key_id),
    ):
        if value is not None:
            shown[name] = value
    held = snapshots.hold(here, table)
    job = Job(space=EXPORTS, id=identifier, table=table.name, shown=shown, number=snapshots.next_number(here))
    jobs.keep(here, job)
    jobs.remember(here, job, client_token, {"asked": asked})
    until = _until(shown)
    source = snapshots.Source(prefix=(layout.ITEMS, table.number), feed=held.journal, time=until)
    payload = {"arn": shown["ExportArn"], "id": table.id, "source": snapshots.as_payload(source)}
    here.later("dynamodb.export", payload)
    return {"ExportDescription": shown}


def _moments(here: Here, table: Table, kind: str, time: Any, window: Parameters) -> Output:
    """The moment of a full export, or the window of an incremental one, checked."""
    earliest, latest = recovery.window(here, table)
    if kind == "FULL_EXPORT":
        if window:
            raise ValidationException(f"{INVALID}IncrementalExportSpecification is not for a FULL_EXPORT")
        moment = latest if time is None else jobs.seconds(time)
        _check_moment(table, moment, earliest, latest)
        return {"ExportTime": moment}
    if time is not None or "ExportFromTime" not in window:
        raise ValidationException(
            f"{INVALID}An INCREMENTAL_EXPORT has an ExportFromTime in its IncrementalExportSpecification, "
            "and no ExportTime"
        )
    start = jobs.seconds(window["ExportFromTime"])
    end = jobs.seconds(window["ExportToTime"]) if "ExportToTime" in window else latest
    for moment in (start, end):
        _check_moment(table, moment, earliest, latest)
    if start >= end:
        raise ValidationException(f"{INVALID}ExportFromTime must be before ExportToTime")
    view = window.get("ExportViewType", "NEW_AND_OLD_IMAGES")
    specification = {"ExportFromTime": start, "ExportToTime": end, "ExportViewType": view}
    return {"IncrementalExportSpecification": specification}


def _check_moment(table: Table, moment: float, earliest: float, latest: float) -> None:
    if not int(earliest) <= moment <= latest + 1:
        raise InvalidExportTimeException(
            f"The export time {moment:.0f} is outside of the point in time recovery window of table '{table.name}': "
            f"from {earliest:.0f} to {latest:.0f}"
        )


def _until(shown: Output) -> float:
    until: float = shown.get("ExportTime") or shown["IncrementalExportSpecification"]["ExportToTime"]
    return until


@reads
def describe_export(here: Here, export_arn: str) -> Output:
    job = jobs.find(here, EXPORTS, export_arn)
    if job is None:
        raise ExportNotFoundException(f"Export not found: {export_arn}")
    return {"ExportDescription": job.shown}


@reads
def list_exports(
    here: Here, table_arn: str | None = None, max_results: int | None = None, next_token: str | None = None
) -> Output:
    name = None if table_arn is None else checked_name(table_arn)
    found, token = jobs.page(here, EXPORTS, name, next_token, max_results)
    shown = ("ExportArn", "ExportStatus", "ExportType")
    output: Output = {"ExportSummaries": [{member: job.shown[member] for member in shown} for job in found]}
    return output | ({"NextToken": token} if token else {})


def _ion() -> ModuleType:
    """Loaded once somebody wants Ion."""
    return import_module("panregion.services.dynamodb.ion_format")


# Work


async def export_work(here: Here, payload: Output) -> None:
    job = here.read(lambda here: jobs.find(here, EXPORTS, payload["arn"]))
    if job is None or not job.running:
        return
    try:
        changes = await Writer(here, job, snapshots.from_payload(payload["source"]), payload["id"]).write()
        changes["ExportStatus"] = "COMPLETED"
    except (AwsError, TableNotFoundException) as error:
        code = f"S3{error.code}" if error.code.startswith(("NoSuch", "Access")) else error.code
        changes = {"ExportStatus": "FAILED", "FailureCode": code, "FailureMessage": error.message}
    await here.transact(partial(_finish, arn=payload["arn"], table_id=payload["id"], changes=changes))


def _finish(here: Here, arn: str, table_id: str, changes: Output) -> None:
    job = jobs.find(here, EXPORTS, arn)
    if job is None or not job.running:
        return
    jobs.tell(here, job, EndTime=here.now(), **changes)
    snapshots.release(here, job.table, table_id)
    here.later("dynamodb.purge", {"prefixes": [[snapshots.SNAPSHOTS, job.number]]})


class Writer:
    """Writes one export."""

    def __init__(self, here: Here, job: Job, source: snapshots.Source, table_id: str) -> None:
        self._here = here
        self._job = job
        self._source = source
        self._table_id = table_id
        self._ion = job.shown["ExportFormat"] == "ION"
        self._full = job.shown["ExportType"] == "FULL_EXPORT"
        prefix = job.shown.get("S3Prefix", "").strip("/")
        self._root = f"{prefix}/AWSDynamoDB" if prefix else "AWSDynamoDB"
        self._folder = f"{self._root}/{job.id}"
        self._snapshot: Key = (snapshots.SNAPSHOTS, job.number)
        self._files: list[Output] = []
        self._items = 0
        self._bytes = 0

    async def write(self) -> Output:
        """Everything; returns what the description then says."""
        await self._put(f"{self._folder}/_started", b"")
        await snapshots.copy(self._here, self._source, self._snapshot)
        if self._full:
            await self._write_items()
        else:
            await self._write_changes()
        await self._write_manifests()
        return {
            "ItemCount": self._items,
            "BilledSizeBytes": self._bytes,
            "ExportManifest": f"{self._folder}/manifest-summary.json",
        }

    async def _put(self, key: str, body: bytes) -> str:
        params = {"Bucket": self._job.shown["S3Bucket"], "Key": key, "Body": body}
        output = await self._here.request("s3", "PutObject", params)
        return str(output["ETag"])

    async def _write_items(self) -> None:
        lines: list[bytes] = []
        held = 0
        after: Key | None = None
        while found := snapshots.page(self._here, self._snapshot, after, PAGE_ITEMS):
            after = found[-1][0]
            for _, record in found:
                lines.append(self._item_line(record))
                held += records.size_of(record)
            if held >= FILE_BYTES:
                await self._write_file(lines, held)
                lines, held = [], 0
        if lines or not self._files:
            await self._write_file(lines, held)

    def _item_line(self, record: bytes) -> bytes:
        if not self._ion:
            return b'{"Item":' + records.json_of(record) + b"}\n"
        line: bytes = _ion().encode_line({"Item": _ion().native(records.item_of(record))})
        return line

    async def _write_file(self, lines: Iterable[bytes], size: int) -> None:
        lines = list(lines)
        body = await aside(gzip.compress, b"".join(lines), 6, mtime=0)
        name = sha256(f"{self._job.id}/{len(self._files)}".encode()).hexdigest()[:26]
        folder = self._folder if self._full else self._root
        key = f"{folder}/data/{name}.{'ion' if self._ion else 'json'}.gz"
        etag = await self._put(key, body)
        self._files.append(
            {
                "itemCount": len(lines),
                "md5Checksum": b64encode(md5(body, usedforsecurity=False).digest()).decode(),
                "etag": etag.strip('"'),
                "dataFileS3Key": key,
            }
        )
        self._items += len(lines)
        self._bytes += size

    async def _write_changes(self) -> None:
        """What happened to each item in the window: how it was at first, and how it was at the end."""
        changed = self._changed()
        table = self._here.read(lambda here: layout.read_table(here.tx, self._job.table))
        if table is None or table.table.id != self._table_id:
            raise TableNotFoundException(f"Table not found: {self._job.table}")
        lines: list[bytes] = []
        size = 0
        for place, (before, time) in changed.items():
            key = (*self._snapshot, *unpack(place))
            record = self._here.read(lambda here, key=key: here.tx.get(key))  # type: ignore[misc]
            after = None if record is None else records.image_of(record)
            if before is None and after is None:
                continue
            lines.append(self._line(table.key, before, after, time))
            size += len(lines[-1])
        await self._write_file(lines, size)

    def _changed(self) -> dict[bytes, tuple[bytes | None, float]]:
        feed = self._source.feed
        assert feed is not None, "a table that is exported has a journal"
        store, window = self._here.store, self._job.shown["IncrementalExportSpecification"]
        place = journal.first_after(store, feed, window["ExportFromTime"])
        end = snapshots.first_undone(self._here, self._source)
        changed: dict[bytes, tuple[bytes | None, float]] = {}
        while place < end:
            found = journal.entries(store, feed, place - 1, min(PAGE_ITEMS, end - place))
            for _, entry in found:
                if entry.key:
                    changed[entry.key] = (changed.get(entry.key, (entry.before, 0.0))[0], entry.time)
            place = found[-1][0] + 1 if found else end
        return changed

    def _line(self, key: KeyView, before: bytes | None, after: bytes | None, time: float) -> bytes:
        one = after if after is not None else before
        assert one is not None, "a change has an image"
        images = {"Keys": key.of(records.item_of_image(one))}
        if before is not None and self._job.shown["IncrementalExportSpecification"]["ExportViewType"] != "NEW_IMAGE":
            images["OldImage"] = records.item_of_image(before)
        if after is not None:
            images["NewImage"] = records.item_of_image(after)
        micros = str(int(time * 1_000_000))
        if self._ion:
            told = {name: _ion().native(image) for name, image in images.items()}
            metadata = {"WriteTimestampMicros": Decimal(micros)}
            line: bytes = _ion().encode_line({"Record": {"Metadata": metadata, **told}})
            return line
        return msgspec.json.encode({"Metadata": {"WriteTimestampMicros": {"N": micros}}, **images}) + b"\n"

    async def _write_manifests(self) -> None:
        files = b"".join(msgspec.json.encode(entry) + b"\n" for entry in self._files)
        await self._write_manifest("manifest-files", files)
        shown = self._job.shown
        summary: Output = {
            "version": VERSION if self._full else "2023-08-01",
            "exportArn": shown["ExportArn"],
            "startTime": _iso(shown["StartTime"]),
            "endTime": _iso(self._here.now()),
            "tableArn": shown["TableArn"],
            "tableId": shown["TableId"],
            **self._moments(),
            "s3Bucket": shown["S3Bucket"],
            "s3Prefix": shown.get("S3Prefix"),
            "s3SseAlgorithm": shown["S3SseAlgorithm"],
            "s3SseKmsKeyId": shown.get("S3SseKmsKeyId"),
            "manifestFilesS3Key": f"{self._folder}/manifest-files.json",
            "billedSizeBytes": self._bytes,
            "itemCount": self._items,
            "outputFormat": shown["ExportFormat"],
        }
        await self._write_manifest("manifest-summary", msgspec.json.encode(summary))

    def _moments(self) -> Output:
        if self._full:
            return {"exportTime": _iso(self._job.shown["ExportTime"])}
        window = self._job.shown["IncrementalExportSpecification"]
        return {
            "exportFromTime": _iso(window["ExportFromTime"]),
            "exportToTime": _iso(window["ExportToTime"]),
            "exportType": "INCREMENTAL_EXPORT",
            "outputView": window["ExportViewType"],
        }

    async def _write_manifest(self, name: str, body: bytes) -> None:
        await self._put(f"{self._folder}/{name}.json", body)
        digest = b64encode(md5(body, usedforsecurity=False).digest())
        await self._put(f"{self._folder}/{name}.md5", digest)


def _iso(seconds: float) -> str:
    return format_iso8601(parse_epoch(int(seconds * 1000) / 1000))
