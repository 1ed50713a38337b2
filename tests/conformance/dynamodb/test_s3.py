"""Exports to S3 and imports from it, through boto3: what one writes the other reads."""

import base64
import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from backports import zstd

from tests.support import AGAINST_AWS, ServedRegion

BUCKET = "panregion-dynamodb-exports"
KEY = {
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-n",
            "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


@pytest.fixture(scope="module")
def s3(served: ServedRegion) -> Iterator[Any]:
    s3 = served.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield s3
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture(scope="module")
def db(served: ServedRegion) -> Iterator[Any]:
    db = served.client("dynamodb")
    made: list[str] = []
    create = db.create_table

    def remember(**params: Any) -> Any:
        made.append(params["TableName"])
        return create(**params)

    db.create_table = remember
    yield db
    for name in [*made, "panregion-imported", "panregion-csv", "panregion-ion", "panregion-zstd"]:
        try:
            db.delete_table(TableName=name)
        except db.exceptions.ResourceNotFoundException:
            continue


def wait(ask: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    for _ in range(300):
        found = ask()
        if done(found):
            return found
        time.sleep(10 if AGAINST_AWS else 0.02)
    raise AssertionError(f"not done: {found}")


def exported(db: Any, **params: Any) -> dict[str, Any]:
    arn = db.export_table_to_point_in_time(S3Bucket=BUCKET, **params)["ExportDescription"]["ExportArn"]
    found: dict[str, Any] = wait(
        lambda: db.describe_export(ExportArn=arn)["ExportDescription"],
        lambda export: export["ExportStatus"] != "IN_PROGRESS",
    )
    return found


def imported(db: Any, **params: Any) -> dict[str, Any]:
    arn = db.import_table(**params)["ImportTableDescription"]["ImportArn"]
    found: dict[str, Any] = wait(
        lambda: db.describe_import(ImportArn=arn)["ImportTableDescription"],
        lambda given: given["ImportStatus"] != "IN_PROGRESS",
    )
    return found


def recovering_table(db: Any, name: str) -> str:
    arn: str = db.create_table(TableName=name, **KEY)["TableDescription"]["TableArn"]
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    return arn


def read(s3: Any, key: str) -> bytes:
    body: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def test_what_is_exported_can_be_imported(db: Any, s3: Any) -> None:
    arn = recovering_table(db, "panregion-exported")
    items = [{"pk": {"S": f"p{n}"}, "n": {"N": str(n)}, "b": {"B": b"\x00\xff"}, "é": {"SS": ["x"]}} for n in range(30)]
    for item in items:
        db.put_item(TableName="panregion-exported", Item=item)
    export = exported(db, TableArn=arn, S3Prefix="some/where")
    assert export["ExportStatus"] == "COMPLETED"
    assert export["ItemCount"] == 30
    summary = json.loads(read(s3, export["ExportManifest"]))
    assert summary["itemCount"] == 30
    assert summary["outputFormat"] == "DYNAMODB_JSON"
    files = read(s3, summary["manifestFilesS3Key"])
    digest = read(s3, summary["manifestFilesS3Key"].replace(".json", ".md5"))
    assert digest == base64.b64encode(hashlib.md5(files).digest())
    entries = [json.loads(line) for line in files.splitlines()]
    data = [read(s3, entry["dataFileS3Key"]) for entry in entries]
    assert [base64.b64encode(hashlib.md5(one).digest()).decode() for one in data] == [e["md5Checksum"] for e in entries]
    lines = [json.loads(line)["Item"] for one in data for line in gzip.decompress(one).splitlines()]
    assert {line["pk"]["S"] for line in lines} == {f"p{n}" for n in range(30)}
    folder = entries[0]["dataFileS3Key"].rpartition("/")[0]
    given = imported(
        db,
        S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": folder},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={"TableName": "panregion-imported", **KEY},
    )
    assert given["ImportStatus"] == "COMPLETED"
    assert (given["ImportedItemCount"], given["ErrorCount"]) == (30, 0)
    found = db.scan(TableName="panregion-imported")["Items"]
    assert sorted(found, key=lambda item: int(item["n"]["N"])) == items
    query = {"KeyConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "7"}}}
    assert db.query(TableName="panregion-imported", IndexName="by-n", **query)["Items"] == [items[7]]
    assert export["ExportArn"] in [one["ExportArn"] for one in db.list_exports(TableArn=arn)["ExportSummaries"]]


def test_an_incremental_export_has_what_changed(db: Any, s3: Any) -> None:
    arn = recovering_table(db, "panregion-changes")
    name = "panregion-changes"
    db.put_item(TableName=name, Item={"pk": {"S": "same"}})
    db.put_item(TableName=name, Item={"pk": {"S": "changed"}, "v": {"N": "1"}})
    db.put_item(TableName=name, Item={"pk": {"S": "gone"}})
    start = next_second()
    db.put_item(TableName=name, Item={"pk": {"S": "changed"}, "v": {"N": "2"}})
    db.put_item(TableName=name, Item={"pk": {"S": "changed"}, "v": {"N": "3"}})
    db.delete_item(TableName=name, Key={"pk": {"S": "gone"}})
    end = next_second()
    db.put_item(TableName=name, Item={"pk": {"S": "later"}})
    export = exported(
        db,
        TableArn=arn,
        ExportType="INCREMENTAL_EXPORT",
        IncrementalExportSpecification={"ExportFromTime": start, "ExportToTime": end},
    )
    assert export["ExportStatus"] == "COMPLETED", export
    summary = json.loads(read(s3, export["ExportManifest"]))
    files = read(s3, summary["manifestFilesS3Key"]).splitlines()
    data = b"".join(gzip.decompress(read(s3, json.loads(line)["dataFileS3Key"])) for line in files)
    changes = {line["Keys"]["pk"]["S"]: line for line in map(json.loads, data.splitlines())}
    assert changes.keys() == {"changed", "gone"}
    assert changes["changed"]["OldImage"]["v"] == {"N": "1"}
    assert changes["changed"]["NewImage"]["v"] == {"N": "3"}
    assert "NewImage" not in changes["gone"]


def test_ion_goes_out_and_comes_back(db: Any, s3: Any) -> None:
    arn = recovering_table(db, "panregion-to-ion")
    items: list[dict[str, Any]] = [
        {
            "pk": {"S": 'with "quotes" and é'},
            "n": {"N": "600"},
            "all": {
                "M": {
                    "flag": {"BOOL": True},
                    "none": {"NULL": True},
                    "list": {"L": [{"N": "-1.5"}, {"B": b"\x00\xff"}, {"S": ""}]},
                    "strings": {"SS": ["a", "b"]},
                    "numbers": {"NS": ["1", "1000"]},
                    "blobs": {"BS": [b"x"]},
                }
            },
        },
        {"pk": {"S": "small"}, "n": {"N": "1E-130"}},
    ]
    for item in items:
        db.put_item(TableName="panregion-to-ion", Item=item)
    export = exported(db, TableArn=arn, S3Prefix="ion", ExportFormat="ION")
    assert export["ExportStatus"] == "COMPLETED", export
    summary = json.loads(read(s3, export["ExportManifest"]))
    assert summary["outputFormat"] == "ION"
    keys = [json.loads(line)["dataFileS3Key"] for line in read(s3, summary["manifestFilesS3Key"]).splitlines()]
    assert all(key.endswith(".ion.gz") for key in keys)
    lines = b"".join(gzip.decompress(read(s3, key)) for key in keys).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(b"$ion_1_0 {Item:{") for line in lines)
    given = imported(
        db,
        S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": keys[0].rpartition("/")[0]},
        InputFormat="ION",
        InputCompressionType="GZIP",
        TableCreationParameters={"TableName": "panregion-ion", **KEY},
    )
    assert (given["ImportStatus"], given["ErrorCount"]) == ("COMPLETED", 0), given
    for item in items:
        found = [
            db.get_item(TableName=name, Key={"pk": item["pk"]})["Item"]
            for name in ("panregion-to-ion", "panregion-ion")
        ]
        assert found[0] == found[1]


def test_zstandard_is_unpacked_and_damage_is_told(db: Any, s3: Any) -> None:
    line = b'{"Item":{"pk":{"S":"a"},"n":{"N":"1"}}}\n'
    s3.put_object(Bucket=BUCKET, Key="zstd/good.json.zst", Body=zstd.compress(line))
    s3.put_object(Bucket=BUCKET, Key="damaged/bad.json.zst", Body=b"no zstandard")
    source = {"S3Bucket": BUCKET, "S3KeyPrefix": "zstd/"}
    params: dict[str, Any] = {
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "ZSTD",
        "TableCreationParameters": {"TableName": "panregion-zstd", **KEY},
    }
    given = imported(db, S3BucketSource=source, **params)
    assert (given["ImportStatus"], given["ImportedItemCount"]) == ("COMPLETED", 1), given
    params["TableCreationParameters"] = {"TableName": "panregion-damaged", **KEY}
    given = imported(db, S3BucketSource={**source, "S3KeyPrefix": "damaged/"}, **params)
    assert (given["ImportStatus"], given["FailureCode"]) == ("FAILED", "InputFormatError")
    s3.put_object(Bucket=BUCKET, Key="notion/bad.ion", Body=b"{Item:{pk:")
    params |= {"InputFormat": "ION", "InputCompressionType": "NONE"}
    given = imported(db, S3BucketSource={**source, "S3KeyPrefix": "notion/"}, **params)
    assert (given["ImportStatus"], given["FailureCode"]) == ("FAILED", "InputFormatError")


def next_second() -> int:
    """The next whole second, once it has come: the finest that these parameters can say."""
    second = int(time.time()) + 1
    while time.time() < second + 0.01:
        time.sleep(0.01)
    return second


def test_csv_rows_become_items(db: Any, s3: Any) -> None:
    rows = 'pk;n;text\na;1;"x;y"\nb;not a number;z\n;2;no key\nc;3;é\n'
    s3.put_object(Bucket=BUCKET, Key="csv/one.csv", Body=rows.encode())
    given = imported(
        db,
        S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": "csv/"},
        InputFormat="CSV",
        InputFormatOptions={"Csv": {"Delimiter": ";"}},
        TableCreationParameters={"TableName": "panregion-csv", **KEY},
    )
    assert (given["ImportedItemCount"], given["ErrorCount"], given["ProcessedItemCount"]) == (2, 2, 4)
    found = {item["pk"]["S"]: item for item in db.scan(TableName="panregion-csv")["Items"]}
    assert found == {
        "a": {"pk": {"S": "a"}, "n": {"N": "1"}, "text": {"S": "x;y"}},
        "c": {"pk": {"S": "c"}, "n": {"N": "3"}, "text": {"S": "é"}},
    }


def test_an_import_without_objects_fails_and_leaves_no_table(db: Any, s3: Any) -> None:
    given = imported(
        db,
        S3BucketSource={"S3Bucket": "panregion-there-is-no-such-bucket"},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": "panregion-nothing", **KEY},
    )
    assert (given["ImportStatus"], given["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    with pytest.raises(db.exceptions.ResourceNotFoundException):
        db.describe_table(TableName="panregion-nothing")


def test_an_export_needs_recovery_and_its_bucket(db: Any, s3: Any) -> None:
    arn = db.create_table(TableName="panregion-plain", **KEY)["TableDescription"]["TableArn"]
    db.get_waiter("table_exists").wait(TableName="panregion-plain", WaiterConfig={"Delay": 1})
    with pytest.raises(db.exceptions.PointInTimeRecoveryUnavailableException) as refused:
        db.export_table_to_point_in_time(TableArn=arn, S3Bucket=BUCKET)
    assert refused.value.response["Error"]["Message"] == (
        "Point in time recovery is not enabled for table 'panregion-plain'"
    )
    db.update_continuous_backups(
        TableName="panregion-plain", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    arguments = {"TableArn": arn, "S3Bucket": "panregion-there-is-no-such-bucket", "ClientToken": "one"}
    first = db.export_table_to_point_in_time(**arguments)["ExportDescription"]
    assert db.export_table_to_point_in_time(**arguments)["ExportDescription"]["ExportArn"] == first["ExportArn"]
    with pytest.raises(db.exceptions.ExportConflictException):
        db.export_table_to_point_in_time(**{**arguments, "S3Bucket": BUCKET})
    export = wait(
        lambda: db.describe_export(ExportArn=first["ExportArn"])["ExportDescription"],
        lambda export: export["ExportStatus"] != "IN_PROGRESS",
    )
    assert (export["ExportStatus"], export["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
