"""The world's authority: made once, and refused by name where it is damaged."""

import asyncio
import ssl
from pathlib import Path

import pytest

from panregion.world import Request, Response, serve
from panregion.world.tls import CERTIFICATE, KEY, AuthorityDamaged, make_authority, server_context, trusting


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_authority(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    for name in (CERTIFICATE, KEY):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return tmp_path


def test_an_authority_stays_what_it_is(folder: Path) -> None:
    before = (folder / KEY).read_bytes()
    make_authority(folder)
    assert (folder / KEY).read_bytes() == before


def test_only_its_owner_reads_the_key(made: Path) -> None:
    assert (made / KEY).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_refused_with_what_to_do(folder: Path, damage: bytes) -> None:
    (folder / KEY).write_bytes(damage)
    with pytest.raises(AuthorityDamaged, match=f"{folder / KEY} does not go with authority.pem.*delete both"):
        make_authority(folder)


def test_a_key_of_another_certificate_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    make_authority(other)
    (folder / KEY).write_bytes((other / KEY).read_bytes())
    with pytest.raises(AuthorityDamaged, match="mismatch"):
        make_authority(folder)


def test_a_missing_certificate_is_named(folder: Path) -> None:
    (folder / CERTIFICATE).unlink()
    with pytest.raises(AuthorityDamaged, match=r"authority\.pem is missing"):
        make_authority(folder)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_servers_speak_tls_1_2_and_1_3_and_have_a_certificate_for_every_name(
    folder: Path, version: ssl.TLSVersion
) -> None:
    server = await serve(_hello, "127.0.0.1", 0, server_context(folder, "127.0.0.1"))
    context = trusting(folder)
    context.minimum_version = context.maximum_version = version
    try:
        for name in ("api.hello.test", "other.test"):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context, server_hostname=name)
            assert writer.get_extra_info("ssl_object").version() == version.name.replace("_", ".")
            writer.close()
    finally:
        await server.close()


async def test_servers_speak_no_older_tls(folder: Path) -> None:
    server = await serve(_hello, "127.0.0.1", 0, server_context(folder, "127.0.0.1"))
    context = trusting(folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", server.port, ssl=context, server_hostname="a.test")
    finally:
        await server.close()


async def _hello(_request: Request) -> Response:
    return Response(200)
