"""`aws s3`: copies of files small and large, folders, listings, presigned addresses."""

import urllib.request
from pathlib import Path

from tests.conformance.clients.conftest import Run


def test_copy_there_and_back(aws: Run, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    aws("s3", "cp", "note.txt", f"s3://{bucket}/deep/note.txt")
    assert "note.txt" in aws("s3", "ls", f"s3://{bucket}/deep/")
    assert "PRE deep/" in aws("s3", "ls", f"s3://{bucket}/")
    assert aws("s3", "cp", f"s3://{bucket}/deep/note.txt", "-") == "hello"
    aws("s3", "mv", f"s3://{bucket}/deep/note.txt", f"s3://{bucket}/moved.txt")
    listed = aws("s3", "ls", "--recursive", f"s3://{bucket}")
    assert "moved.txt" in listed
    assert "deep" not in listed


def test_a_large_file_goes_in_parts(aws: Run, bucket: str, tmp_path: Path) -> None:
    data = bytes(range(256)) * 40_000  # 10 MB; the CLI's threshold is 8
    (tmp_path / "large").write_bytes(data)
    aws("s3", "cp", "--quiet", "large", f"s3://{bucket}/large")
    aws("s3", "cp", "--quiet", f"s3://{bucket}/large", "back")
    assert (tmp_path / "back").read_bytes() == data
    head = aws("s3api", "head-object", "--bucket", bucket, "--key", "large", "--query", "ETag", "--output", "text")
    assert head.strip().endswith('-2"')


def test_a_folder_is_kept_in_step(aws: Run, bucket: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "css").mkdir(parents=True)
    (site / "index.html").write_text("<h1>hello</h1>")
    (site / "css" / "main.css").write_text("h1 {}")
    assert aws("s3", "sync", "site", f"s3://{bucket}").count("upload:") == 2
    assert aws("s3", "sync", "site", f"s3://{bucket}") == ""
    (site / "css" / "main.css").unlink()
    assert "delete:" in aws("s3", "sync", "--delete", "site", f"s3://{bucket}")


def test_a_presigned_address_needs_no_client(aws: Run, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    aws("s3", "cp", "note.txt", f"s3://{bucket}/note.txt")
    address = aws("s3", "presign", f"s3://{bucket}/note.txt").strip()
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.read() == b"hello"


def test_what_is_not_there_is_said(aws: Run, bucket: str) -> None:
    assert "(404)" in aws("s3", "cp", f"s3://{bucket}/none", "-", fails=True)
    assert "NoSuchBucket" in aws("s3", "ls", "s3://no-such-bucket-anywhere-0", fails=True)
