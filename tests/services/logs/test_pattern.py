"""Filter patterns, in tables."""

import pytest

from panregion.services.logs.errors import InvalidParameterException
from panregion.services.logs.pattern import compile_pattern

LINE = '{"level": "ERROR", "ms": 12.5, "ok": true, "none": null, "user": {"name": "Ada"}, "tags": ["a", "b"]}'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR disk", "disk ERROR", True),
        ("ERROR disk", "ERROR", False),
        ('"out of memory"', "it is out of memory", True),
        ('"out of memory"', "out of, memory", False),
        ("ERROR -expected", "ERROR", True),
        ("ERROR -expected", "ERROR expected", False),
        ("?ERROR ?WARN", "WARN: hm", True),
        ("?ERROR ?WARN", "INFO", False),
        ("%4[0-9]{2}%", "status 404", True),
        ("%4[0-9]{2}%", "status 200", False),
        ('"say \\"no\\""', 'they say "no"', True),
    ],
)
def test_terms(pattern: str, message: str, matches: bool) -> None:
    assert compile_pattern(pattern)(message) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.level = "ERROR" }', True),
        ('{ $.level = "INFO" }', False),
        ('{ $.level != "INFO" }', True),
        ('{ $.nothing != "INFO" }', False),
        ('{ $.level = "ERR*" }', True),
        ("{ $.level = ERROR }", True),
        ("{ $.ms > 12 }", True),
        ("{ $.ms >= 12.5 && $.ms <= 12.5 }", True),
        ("{ $.ms = 12.5 }", True),
        ("{ $.ms < 12 }", False),
        ("{ $.level > 1 }", False),
        ("{ $.ok IS TRUE }", True),
        ("{ $.ok IS FALSE }", False),
        ("{ $.none IS NULL }", True),
        ("{ $.nothing IS NULL }", False),
        ("{ $.nothing NOT EXISTS }", True),
        ("{ $.none NOT EXISTS }", False),
        ('{ $.user.name = "Ada" }', True),
        ('{ $.tags[1] = "b" }', True),
        ('{ $.tags[7] = "b" }', False),
        ('{ $.level = "INFO" || $.ms > 1 && $.ok IS TRUE }', True),
        ('{ ($.level = "INFO" || $.ms > 1) && $.ok IS FALSE }', False),
        ("{ $.user.name = %A.a% }", True),
    ],
)
def test_json(pattern: str, matches: bool) -> None:
    assert compile_pattern(pattern)(LINE) is matches


def test_what_is_not_json_matches_no_json_pattern() -> None:
    assert not compile_pattern("{ $.a NOT EXISTS }")("plain text")


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = 1",
        "{ a = 1 }",
        "{ $.a }",
        "{ $.a IS BIG }",
        "{ $.a > x }",
        "{ ($.a = 1 }",
        "[ip, user]",
        "%(%",
        "{ # }",
    ],
)
def test_bad_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidParameterException):
        compile_pattern(pattern)
