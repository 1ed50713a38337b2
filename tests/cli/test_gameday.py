"""Reports that are made anew."""

from pathlib import Path

from click.testing import CliRunner

from panregion.cli.app import group
from panregion.gameday import result
from tests.gameday.sample import sample


def test_a_report_is_made_from_the_folder_of_its_result(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_bytes(result.to_json(sample()))
    made = CliRunner().invoke(group, ("gameday", "report", str(tmp_path)))
    assert made.exit_code == 1, made.output  # the sample missed an objective
    assert {path.name for path in tmp_path.iterdir()} == {"result.json", "report.html", "junit.xml"}


def test_a_folder_without_a_result_says_which_one_is_wanted(tmp_path: Path) -> None:
    made = CliRunner().invoke(group, ("gameday", "report", str(tmp_path)))
    assert made.exit_code == 2
    assert "has no result.json: name one game day's folder" in made.stderr
