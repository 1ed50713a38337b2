"""The REST protocols: routes, S3's ways, bodies."""

import gzip
from typing import Any

import pytest

from panregion.wire import AwsError, parse, serialize_error, serialize_output
from panregion.wire.hosts import s3_bucket
from panregion.world import Headers, Request, Response


def s3(method: str, target: str, headers: Headers | None = None, body: bytes = b"") -> tuple[str, dict[str, Any]]:
    path, _, query = target.partition("?")
    call = parse(Request(method, path, query, headers or [], body), "s3")
    return call.operation, call.params


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/", "ListBuckets"),
        ("GET", "/b", "ListObjects"),
        ("GET", "/b/", "ListObjects"),
        ("GET", "/b?list-type=2&prefix=x", "ListObjectsV2"),
        ("GET", "/b?location", "GetBucketLocation"),
        ("GET", "/b?versions", "ListObjectVersions"),
        ("GET", "/b?uploads", "ListMultipartUploads"),
        ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("GET", "/b?notification", "GetBucketNotificationConfiguration"),
        ("GET", "/b?analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/b?analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("HEAD", "/b", "HeadBucket"),
        ("PUT", "/b", "CreateBucket"),
        ("PUT", "/b?versioning", "PutBucketVersioning"),
        ("POST", "/b?delete", "DeleteObjects"),
        ("GET", "/b/k", "GetObject"),
        ("GET", "/b/k?x-id=GetObject", "GetObject"),
        ("GET", "/b/k?uploadId=1", "ListParts"),
        ("GET", "/b/k?tagging", "GetObjectTagging"),
        ("PUT", "/b/k", "PutObject"),
        ("PUT", "/b/k?uploadId=1&partNumber=2", "UploadPart"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload"),
        ("POST", "/b/k?uploadId=1", "CompleteMultipartUpload"),
        ("DELETE", "/b/k", "DeleteObject"),
        ("DELETE", "/b/k?uploadId=1", "AbortMultipartUpload"),
    ],
)
def test_s3s_operations_are_told_apart(method: str, target: str, operation: str) -> None:
    assert s3(method, target)[0] == operation


def test_copying_is_told_by_a_header() -> None:
    source = [("x-amz-copy-source", "/b/other")]
    assert s3("PUT", "/b/k", source)[0] == "CopyObject"
    assert s3("PUT", "/b/k?uploadId=1&partNumber=2", source)[0] == "UploadPartCopy"


@pytest.mark.parametrize(
    ("path", "key"),
    [("/b/a%20b%2Bc", "a b+c"), ("/b/a+b", "a+b"), ("/b/dir/", "dir/"), ("/b//a", "/a"), ("/b/a//b/../c", "a//b/../c")],
)
def test_keys_are_what_they_are(path: str, key: str) -> None:
    assert s3("GET", path)[1] == {"Bucket": "b", "Key": key}


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("photos.s3.eu-west-1.amazonaws.com", "photos"),
        ("photos.s3.amazonaws.com", "photos"),
        ("photos.s3-eu-west-1.amazonaws.com", "photos"),
        ("photos.of.mine.s3.dualstack.eu-west-1.amazonaws.com", "photos.of.mine"),
        ("photos.localhost", "photos"),
        ("photos.s3.localhost", "photos"),
        ("photos.s3.localhost.localstack.cloud", "photos"),
        ("s3.eu-west-1.amazonaws.com", None),
        ("s3.localhost", None),
        ("s3.localhost.localstack.cloud", None),
        ("localhost", None),
        ("127.0.1.1", None),
    ],
)
def test_buckets_in_hosts(host: str, bucket: str | None) -> None:
    assert s3_bucket(host) == bucket


def test_a_virtual_host_is_part_of_the_path() -> None:
    host = [("Host", "photos.localhost:4566")]
    assert s3("GET", "/2026/a.jpg", host)[1] == {"Bucket": "photos", "Key": "2026/a.jpg"}
    assert s3("GET", "/?list-type=2", host) == ("ListObjectsV2", {"Bucket": "photos"})


CHUNKED = (
    b"5;chunk-signature=aa\r\nhello\r\n1;chunk-signature=bb\r\n!\r\n"
    b"0;chunk-signature=cc\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
)


def test_chunked_uploads_arrive_whole_with_what_trailed_them() -> None:
    headers = [
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("Content-Encoding", "aws-chunked,gzip"),
        ("Content-Length", "124"),
    ]
    params = s3("PUT", "/b/k", headers, CHUNKED)[1]
    assert params == {
        "Bucket": "b",
        "Key": "k",
        "Body": b"hello!",
        "ChecksumCRC32": "AAAAAA==",
        "ContentEncoding": "gzip",
        "ContentLength": 6,
    }


@pytest.mark.parametrize("body", [b"", b"5\r\nhel", b"zz\r\n\r\n", b"5\r\nhello\r\n"])
def test_chunks_that_end_too_soon(body: bytes) -> None:
    with pytest.raises(AwsError, match="IncompleteBody"):
        s3("PUT", "/b/k", [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")], body)


def test_s3_keeps_the_gzip_that_it_is_given() -> None:
    packed = gzip.compress(b"text")
    assert s3("PUT", "/b/k", [("Content-Encoding", "gzip")], packed)[1]["Body"] == packed


def test_cloudwatch_takes_compressed_metrics() -> None:
    form = b"Action=PutMetricData&Version=2010-08-01&Namespace=n"
    request = Request("POST", "/", "", [("Content-Encoding", "gzip")], gzip.compress(form))
    assert parse(request, "cloudwatch").params == {"Namespace": "n"}
    with pytest.raises(AwsError, match="SerializationException"):
        parse(Request("POST", "/", "", [("Content-Encoding", "gzip")], form), "cloudwatch")


def test_metadata_is_in_lower_case() -> None:
    assert s3("PUT", "/b/k", [("X-Amz-Meta-Colour", "Blue")])[1]["Metadata"] == {"colour": "Blue"}


def test_a_path_that_nobody_has() -> None:
    with pytest.raises(AwsError, match="Lambda has no operation at GET /nonsense"):
        parse(Request("GET", "/nonsense"), "lambda")


def test_parameters_of_an_import_are_what_the_operation_does_not_have_itself() -> None:
    request = Request("POST", "/restapis", "mode=import&failonwarnings=true&basepath=prepend", [], b"{}")
    call = parse(request, "apigateway")
    assert (call.operation, call.params) == (
        "ImportRestApi",
        {"failOnWarnings": True, "parameters": {"basepath": "prepend"}, "body": b"{}"},
    )


def test_labels_may_hold_slashes() -> None:
    arn = "arn:aws:lambda:eu-west-1:000000000000:function:f"
    request = Request("GET", "/2015-03-31/functions/" + arn.replace(":", "%3A") + "%2Fx")
    assert parse(request, "lambda").params == {"FunctionName": arn + "/x"}


def test_documents_that_are_none() -> None:
    with pytest.raises(AwsError, match="MalformedXML"):
        s3("POST", "/b?delete", [], b"<Delete>")
    with pytest.raises(AwsError, match="MalformedXML"):
        s3("POST", "/b?delete", [], b'<!DOCTYPE d [<!ENTITY a "b">]><Delete/>')
    with pytest.raises(AwsError, match="SerializationException"):
        parse(Request("POST", "/2015-03-31/functions", "", [], b"{"), "lambda")


# Outwards


def text(response: Response) -> str:
    assert isinstance(response.body, bytes)
    return response.body.decode()


def test_the_roots_and_the_namespace_of_s3s_documents() -> None:
    response = serialize_output("s3", "ListObjectsV2", {"Name": "b", "Contents": [{"Key": "k", "Size": 1}]}, "id")
    assert text(response) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "<Contents><Key>k</Key><Size>1</Size></Contents><Name>b</Name></ListBucketResult>"
    )
    assert dict(response.headers)["x-amz-request-id"] == "id"


def test_the_location_of_a_bucket_is_a_bare_string() -> None:
    response = serialize_output("s3", "GetBucketLocation", {"LocationConstraint": "eu-west-1"}, "id")
    assert text(response).endswith(
        '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'
    )


def test_s3s_errors_say_more_than_the_model() -> None:
    response = serialize_error(
        "s3", AwsError.of("NoSuchKey", "The specified key does not exist.", 404, Key="a<b"), "id"
    )
    assert response.status == 404
    assert "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key>" in text(
        response
    )
    assert "<RequestId>id</RequestId>" in text(response)


def test_results_without_a_document() -> None:
    put = serialize_output("s3", "PutObject", {"ETag": '"x"'}, "id")
    assert (put.status, put.body, dict(put.headers)["ETag"]) == (200, b"", '"x"')
    assert serialize_output("s3", "DeleteObject", {}, "id").status == 204
    created = serialize_output("apigateway", "CreateRestApi", {"id": "a"}, "id")
    assert (created.status, created.body) == (201, b'{"id":"a"}')
    deleted = serialize_output("apigateway", "DeleteRestApi", {}, "id")
    assert (deleted.status, deleted.body) == (202, b"")


async def test_a_payload_may_be_a_stream() -> None:
    async def chunks() -> Any:
        yield b"a"

    response = serialize_output("s3", "GetObject", {"Body": chunks(), "ContentType": "text/plain"}, "id")
    assert not isinstance(response.body, bytes)
    assert [chunk async for chunk in response.body] == [b"a"]
    assert [value for name, value in response.headers if name == "Content-Type"] == ["text/plain"]


def test_the_status_and_the_payload_of_an_invocation() -> None:
    response = serialize_output(
        "lambda", "Invoke", {"StatusCode": 202, "Payload": b"null", "FunctionError": "Unhandled"}, "id"
    )
    assert (response.status, response.body) == (202, b"null")
    assert dict(response.headers)["X-Amz-Function-Error"] == "Unhandled"


def test_lambdas_errors() -> None:
    response = serialize_error("lambda", AwsError.of("ResourceNotFoundException", "no f", Type="User"), "id")
    assert (response.status, response.body) == (404, b'{"Type":"User","Message":"no f"}')
    assert dict(response.headers)["x-amzn-ErrorType"] == "ResourceNotFoundException"
