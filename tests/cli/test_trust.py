"""How a system comes to trust the authority, decided without touching one; and doing it, in an NSS database made up."""

import os
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from panregion.cli import trust as command
from panregion.cli.app import group
from panregion.cli.output import Failure
from panregion.cli.trust_stores import DEBIAN, FEDORA, System, TrustStore, trust_stores
from panregion.world.settings import Ports
from panregion.world.tls import make_authority
from tests.cli.support import world_in

CERTIFICATE = Path("/world/authority.pem")


def system(*, platform: str = "linux", root: bool = False, programs: str = "", folder: Path | None = None) -> System:
    return System(
        platform=platform,
        is_root=root,
        home=Path("/home/me"),
        has_program=lambda name: name in programs.split(),
        is_folder=lambda path: path == folder,
        databases=lambda home, pattern: [home / pattern] if pattern == ".pki/nssdb" else [],
    )


def commands(found: System) -> list[str]:
    return [" ".join(each) for store in trust_stores(found, CERTIFICATE, "panregion-1") for each in store.install]


def test_debian_fedora_and_macos_have_their_own_ways() -> None:
    assert commands(system(programs="update-ca-certificates", folder=DEBIAN)) == [
        "sudo install -m 644 /world/authority.pem /usr/local/share/ca-certificates/panregion-1.crt",
        "sudo update-ca-certificates",
    ]
    assert commands(system(root=True, programs="update-ca-trust", folder=FEDORA)) == [
        "install -m 644 /world/authority.pem /etc/pki/ca-trust/source/anchors/panregion-1.crt",
        "update-ca-trust extract",
    ]
    assert commands(system(platform="darwin")) == [
        "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain /world/authority.pem"
    ]


def test_a_system_without_a_known_way_has_none() -> None:
    assert commands(system(folder=DEBIAN)) == []
    assert commands(system(programs="update-ca-certificates")) == []


def test_browsers_databases_are_found_where_certutil_is() -> None:
    found = trust_stores(system(programs="certutil"), CERTIFICATE, "panregion-1")
    assert [store.name for store in found] == ["the NSS database in /home/me/.pki/nssdb (browsers)"]
    assert found[0].remove == (("certutil", "-D", "-d", "sql:/home/me/.pki/nssdb", "-n", "panregion-1"),)


def test_commands_run_in_order_and_the_first_that_fails_is_told(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    store = TrustStore("a store", (("touch", str(seen)), ("sh", "-c", "exit 3"), ("rm", str(seen))), ())
    with pytest.raises(Failure, match="ended with exit code 3"):
        command.carry_out(store, store.install, "trusted by")
    assert seen.exists()
    with pytest.raises(Failure, match="could not be run"):
        command.carry_out(store, (("/no/such/program",),), "trusted by")


def test_it_prints_what_there_is_and_installs_what_it_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = world_in(tmp_path)
    make_authority(settings.path)
    monkeypatch.chdir(tmp_path)
    trusted, removed = tmp_path / "trusted", tmp_path / "removed"
    store = TrustStore("a store", (("touch", str(trusted)),), (("touch", str(removed)),))
    monkeypatch.setattr(command, "trust_stores", lambda *_: [store])
    told = CliRunner().invoke(group, ["trust"]).stdout
    assert f"authority is {settings.path}/authority.pem" in told
    assert f"export AWS_CA_BUNDLE={settings.path}/authority.pem" in told
    assert f"    touch {trusted}" in told
    assert not trusted.exists()
    assert CliRunner().invoke(group, ["trust", "--install"]).exit_code == 0
    assert trusted.exists()
    assert not removed.exists()
    assert CliRunner().invoke(group, ["trust", "--remove"]).exit_code == 0
    assert removed.exists()


def test_a_certificate_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = world_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    (settings.path / "authority.pem").write_text("nothing")
    result = CliRunner().invoke(group, ["trust"])
    assert result.exit_code == 1
    assert "authority.pem cannot be read" in result.stderr


def test_up_refuses_a_damaged_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: Ports) -> None:
    settings = world_in(tmp_path)
    make_authority(settings.path)
    (settings.path / "authority.key").write_text("damaged")
    monkeypatch.chdir(tmp_path)
    lines = "".join(f"{name} = {port}\n" for name, port in msgspec.structs.asdict(ports).items())
    (tmp_path / "panregion.toml").write_text(f"[ports]\n{lines}")
    result = CliRunner().invoke(group, ["up", "--detach"])
    assert result.exit_code == 1
    assert "the world's certificate authority is damaged" in result.stderr
    assert "delete both" in result.stderr
    assert not os.path.exists(settings.path / "logs" / "control.log")
