"""ListStreams, DescribeStream, GetShardIterator, GetRecords."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import md5
from itertools import islice
from typing import Any

import msgspec

from panregion.services.dynamodb.errors import (
    ExpiredIteratorException,
    ResourceNotFoundException,
    TrimmedDataAccessException,
    ValidationException,
)
from panregion.services.dynamodb.streams import layout, shards
from panregion.services.dynamodb.streams.layout import Stream
from panregion.services.dynamodb.streams.shards import Shard
from panregion.services.dynamodb.streams.shards import shard_id as id_of
from panregion.services.here import Here
from panregion.services.service import reads

Output = dict[str, Any]

ITERATOR_LIFE_S = 15 * 60.0
PAGE_RECORDS = 1000
PAGE_BYTES = 1024 * 1024
LIST_MAX = 100
_SHARD_ID = re.compile(r"shardId-\d{20}-[0-9a-f]{8}")
TRIMMED = "The operation attempted to read past the oldest stream record in a shard."


def _arn(here: Here, stream: Stream) -> str:
    return here.arn("dynamodb", f"table/{stream.table}/stream/{stream.label}")


def _parts(here: Here, arn: str) -> tuple[str, str]:
    """(table's name, label) of a stream's ARN in this region."""
    head = here.arn("dynamodb", "table/")
    table, word, label = arn.removeprefix(head).partition("/stream/")
    if not arn.startswith("arn:aws:dynamodb:") or not word or not table or not label:
        raise ValidationException(f"Invalid StreamArn: Invalid ResourceArn provided as input {arn}")
    return (table, label) if arn.startswith(head) else ("", label)


def _find(here: Here, arn: str) -> Stream:
    stream = layout.read_stream(here.tx, *_parts(here, arn))
    if stream is None:
        raise ResourceNotFoundException(f"Requested resource not found: Stream: {arn} not found")
    return stream


@reads
def list_streams(
    here: Here,
    table_name: str | None = None,
    limit: int | None = None,
    exclusive_start_stream_arn: str | None = None,
) -> Output:
    most = _limited(limit, LIST_MAX)
    after = None
    if exclusive_start_stream_arn is not None:
        after = (layout.STREAMS, *_parts(here, exclusive_start_stream_arn))
    found = list(islice(layout.streams(here.tx, table_name, after), most + 1))
    output: Output = {
        "Streams": [
            {"StreamArn": _arn(here, stream), "TableName": stream.table, "StreamLabel": stream.label}
            for stream in found[:most]
        ]
    }
    if len(found) > most:
        output["LastEvaluatedStreamArn"] = _arn(here, found[most - 1])
    return output


def _limited(given: int | None, most: int) -> int:
    if given is not None and given > most:
        raise ValidationException(
            f"1 validation error detected: Value '{given}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {most}"
        )
    return most if given is None else given


@reads
def describe_stream(
    here: Here,
    stream_arn: str,
    limit: int | None = None,
    exclusive_start_shard_id: str | None = None,
    shard_filter: dict[str, str] | None = None,
) -> Output:
    stream = _find(here, stream_arn)
    most = _limited(limit, LIST_MAX)
    chosen = sorted(_chosen(here, stream, shard_filter or {}), key=lambda shard: id_of(stream, shard))
    if exclusive_start_shard_id is not None:
        chosen = [shard for shard in chosen if id_of(stream, shard) > exclusive_start_shard_id]
    description: Output = {
        "StreamArn": stream_arn,
        "StreamLabel": stream.label,
        "StreamStatus": "ENABLED" if stream.ended is None else "DISABLED",
        "StreamViewType": stream.view,
        "CreationRequestDateTime": stream.created,
        "TableName": stream.table,
        "KeySchema": stream.schema.elements,
        "Shards": [_shard(stream, shard) for shard in chosen[:most]],
    }
    if len(chosen) > most:
        description["LastEvaluatedShardId"] = id_of(stream, chosen[most - 1])
    return {"StreamDescription": description}


def _chosen(here: Here, stream: Stream, given: dict[str, str]) -> list[Shard]:
    """All shards, or (the only filter that there is) the children of one."""
    found = list(shards.all_of(here.tx, stream.number))
    if not given:
        return found
    if given.get("Type") != "CHILD_SHARDS" or "ShardId" not in given:
        raise ValidationException("ShardFilter must have the Type CHILD_SHARDS and a ShardId")
    parent = _shard_named(here, stream, given["ShardId"])
    return [shard for shard in found if shard.parent == parent.number]


def _shard_named(here: Here, stream: Stream, name: str) -> Shard:
    """Raises ResourceNotFoundException, for a shard that is a day past its end as well."""
    number = int(name[-4:], 16) if _SHARD_ID.fullmatch(name) else -1
    shard = shards.read(here.tx, stream.number, number)
    if shard is None or id_of(stream, shard) != name:
        raise ResourceNotFoundException(
            f"Requested resource not found: Shard: {name} in Stream: {_arn(here, stream)} not found"
        )
    return shard


def _shard(stream: Stream, shard: Shard) -> Output:
    """As it is described. A parent is named also when it is gone."""
    numbers = {"StartingSequenceNumber": layout.shown(shard.first)}
    if shard.last is not None:
        numbers["EndingSequenceNumber"] = layout.shown(shard.last)
    output: Output = {"ShardId": id_of(stream, shard), "SequenceNumberRange": numbers}
    if shard.parent_id is not None:
        output["ParentShardId"] = shard.parent_id
    return output


class Iterator(msgspec.Struct, frozen=True, array_like=True):
    """A place in a shard: just after a sequence number; and when it was given."""

    table: str
    label: str
    number: int
    shard: int
    after: int
    given: float


def _token(here: Here, stream: Stream, shard: int, after: int) -> str:
    place = Iterator(stream.table, stream.label, stream.number, shard, after, here.now())
    return f"{_arn(here, stream)}|1|{urlsafe_b64encode(msgspec.msgpack.encode(place)).decode()}"


def iterator_of(text: str) -> Iterator:
    try:
        return msgspec.msgpack.decode(urlsafe_b64decode(text.rpartition("|")[2]), type=Iterator)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValidationException("Invalid ShardIterator") from error


@reads
def get_shard_iterator(
    here: Here,
    stream_arn: str,
    shard_id: str,
    shard_iterator_type: str,
    sequence_number: str | None = None,
    timestamp: float | None = None,
) -> Output:
    stream = _find(here, stream_arn)
    shard = _shard_named(here, stream, shard_id)
    if shard_iterator_type in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        after = _after(here, stream, shard, shard_iterator_type, sequence_number)
    elif sequence_number is not None:
        raise ValidationException(
            f"SequenceNumber must not be specified when ShardIteratorType is {shard_iterator_type}"
        )
    elif shard_iterator_type == "LATEST":
        after = _end(here, stream, shard)
    elif shard_iterator_type == "AT_TIMESTAMP":
        after = _before_moment(here, stream, shard, timestamp)
    else:
        after = _horizon(here, stream, shard)
    return {"ShardIterator": _token(here, stream, shard.number, after)}


def _end(here: Here, stream: Stream, shard: Shard) -> int:
    """Just after the shard's last record so far."""
    return layout.head(here.tx, stream.number) if shard.last is None else shard.last


def _horizon(here: Here, stream: Stream, shard: Shard) -> int:
    """Just before the oldest record that the shard still has."""
    oldest = layout.oldest(here.tx, stream.number, shard.number)
    return _end(here, stream, shard) if oldest is None else oldest - 1


def _after(here: Here, stream: Stream, shard: Shard, kind: str, given: str | None) -> int:
    """The place before the one that is wanted. A sequence number belongs to one shard only."""
    if given is None:
        raise ValidationException(f"SequenceNumber is required when ShardIteratorType is {kind}")
    if not given.isascii() or not given.isdigit():
        raise ValidationException(f"Invalid SequenceNumber: {given}")
    sequence = int(given) - layout.SEQUENCE_BASE
    if not shard.first <= sequence <= _last(here, stream, shard):
        raise ValidationException(
            f"Invalid SequenceNumber: {given} is not a sequence number of shard {id_of(stream, shard)}"
        )
    after = sequence - 1 if kind == "AT_SEQUENCE_NUMBER" else sequence
    _refuse_trimmed(here, stream.number, shard.number, after)
    return after


def _last(here: Here, stream: Stream, shard: Shard) -> int:
    """The last number that was given out within the shard; its first one is known before any record."""
    return max(shard.first, _end(here, stream, shard))


def _before_moment(here: Here, stream: Stream, shard: Shard, moment: float | None) -> int:
    if moment is None:
        raise ValidationException("Timestamp is required when ShardIteratorType is AT_TIMESTAMP")
    after = _horizon(here, stream, shard)
    for sequence, data in layout.records(here.tx, stream.number, shard.number, after):
        if msgspec.json.decode(data)["dynamodb"]["ApproximateCreationDateTime"] >= moment:
            break
        after = sequence
    return after


def _refuse_trimmed(here: Here, number: int, shard: int, after: int) -> None:
    """Raises TrimmedDataAccessException where records that would follow are gone."""
    if after < layout.trimmed(here.tx, number, shard):
        raise TrimmedDataAccessException(TRIMMED)


@reads
def get_records(here: Here, shard_iterator: str, limit: int | None = None) -> Output:
    place = iterator_of(shard_iterator)
    most = _limited(limit, PAGE_RECORDS)
    stream = layout.read_stream(here.tx, place.table, place.label)
    if stream is None or stream.number != place.number:
        raise ResourceNotFoundException("Requested resource not found: Stream of the iterator not found")
    if here.now() - place.given > ITERATOR_LIFE_S:
        raise ExpiredIteratorException("The shard iterator has expired: it is older than 15 minutes")
    shard = shards.read(here.tx, place.number, place.shard)
    if shard is None:
        raise TrimmedDataAccessException(TRIMMED)
    _refuse_trimmed(here, place.number, place.shard, place.after)
    found: list[Output] = []
    size, after = 0, place.after
    for sequence, data in layout.records(here.tx, place.number, place.shard, place.after):
        size += len(data)
        if len(found) == most or (found and size > PAGE_BYTES):
            break
        found.append(_told(here, stream, sequence, data))
        after = sequence
    else:
        if shard.last is not None:  # what follows is in its children
            return {"Records": found}
    return {"Records": found, "NextShardIterator": _token(here, stream, place.shard, after)}


def _told(here: Here, stream: Stream, sequence: int, data: bytes) -> Output:
    told: Output = msgspec.json.decode(data)
    number = layout.shown(sequence)
    told["dynamodb"]["SequenceNumber"] = number
    print_ = md5(f"{_arn(here, stream)} {number}".encode(), usedforsecurity=False).hexdigest()
    return {
        "eventID": print_,
        **told,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": here.region,
    }
