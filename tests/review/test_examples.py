"""The examples, reviewed as a user would: what stands, what does not, and the figures, worked out by hand."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from panregion.cli.app import group
from panregion.review import Asked, Objectives, Review, read_application, review
from panregion.world import read_settings

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
GLOBAL = EXAMPLES / "hello-global"
ACCELERATED = EXAMPLES / "hello-accelerated"


async def reviewed(folder: Path, objectives: Objectives, *templates: tuple[str, tuple[str, ...]]) -> Review:
    settings = read_settings(folder / "panregion.toml")
    asked = [Asked(folder / name, regions or settings.regions, "hello", {}) for name, regions in templates]
    return review(await read_application(settings, asked, objectives))


async def test_nothing_stands_between_hello_global_and_surviving_a_region() -> None:
    found = await reviewed(GLOBAL, Objectives(rto_s=90, rpo_s=5), ("template.yaml", ()))
    assert {one.severity for one in found.findings} == {"note"}
    (entry,) = found.entries
    assert (entry.name, entry.regions) == ("api.hello.test", ("us-east-1", "eu-west-1", "ap-southeast-2"))
    assert (entry.detected_s, entry.ttl_s, entry.best_case_rto_s) == (30, 60, 90)
    (availability,) = found.availability
    assert {tier.service for tier in availability.in_each_region} == {"API Gateway", "Lambda", "DynamoDB"}
    one = 0.9995 * 0.9995 * 0.9999
    assert availability.one_region == pytest.approx(one)
    assert availability.together == pytest.approx(1 - (1 - one) ** 3)


async def test_objectives_that_its_settings_cannot_meet_are_said() -> None:
    found = await reviewed(GLOBAL, Objectives(rto_s=60, rpo_s=0), ("template.yaml", ()))
    assert {(one.rule, one.logical_id) for one in found.findings if one.severity == "blocks"} == {
        ("best-case-too-slow", "Record"),
        ("recovery-point", "Items"),
    }


async def test_a_distribution_before_a_routed_name_is_as_slow_as_that() -> None:
    found = await reviewed(GLOBAL, Objectives(), ("template.yaml", ()), ("cdn.yaml", ("us-east-1",)))
    distribution = next(one for one in found.entries if one.name == "cdn.hello.test")
    assert (distribution.best_case_rto_s, len(distribution.regions)) == (90, 3)
    assert not found.blocks


async def test_an_accelerator_has_no_answers_to_wait_for() -> None:
    templates = (("region.yaml", ()), ("accelerator.yaml", ("us-west-2",)))
    found = await reviewed(ACCELERATED, Objectives(rto_s=30), *templates)
    (entry,) = found.entries
    assert (entry.kind, entry.detected_s, entry.ttl_s, entry.best_case_rto_s) == ("accelerator", 30, 0, 30)
    assert not found.blocks
    assert found.unknown_parameters == ("FirstBalancer", "SecondBalancer")
    (availability,) = found.availability
    assert {tier.service for tier in availability.in_each_region} == {"Elastic Load Balancing", "Lambda", "DynamoDB"}


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(group, ["review", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_it_in_words_in_json_and_by_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ACCELERATED)
    code, said, _ = run("accelerator.yaml@us-west-2")
    assert code == 0
    assert "30 s" in said
    code, said, _ = run("accelerator.yaml@us-west-2", "--rto", "20", "--json")
    assert code == 1
    assert '"rule": "best-case-too-slow"' in said


def test_what_is_wrong_with_the_command_line_is_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "unknown.yaml").write_text("Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {Name: !Ref B}}}")
    for template in ("absent.yaml", "binary.yaml", "empty.yaml", "unknown.yaml", "unknown.yaml@mars-east-1", "@"):
        code, _, _ = run(template)
        assert code == 2, template


def test_a_world_with_quicker_health_checks_has_a_best_case_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "panregion.toml").write_text("[time]\nhealth_check_scale = 0.1\n")
    (tmp_path / "accelerator.yaml").write_text((ACCELERATED / "accelerator.yaml").read_text())
    code, said, _ = run("accelerator.yaml@us-east-1")
    assert code == 0
    assert "3 s in this world" in said
