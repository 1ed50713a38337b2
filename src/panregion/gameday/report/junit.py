"""The verdict as JUnit XML, the form that CI systems show: one test case for each thing that had to hold.

What the steady state was while a fault lasted is measured; it is a failure only where the file demands it.
"""

import re
from xml.etree import ElementTree

from panregion.gameday.report import words
from panregion.gameday.result import Check, Objective, Result

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(result: Result) -> bytes:
    """XML with a declaration, in UTF-8. Objectives, steady state and the end are a test suite each."""
    root = ElementTree.Element("testsuites", {"name": _text(result.name), "time": f"{result.duration_s:.3f}"})
    suites = {
        "objectives": [_of_objective(one) for one in result.objectives],
        "steady state": [_of_check(result, one) for one in result.steady_state],
        "in the end": [_of_check(result, one) for one in result.in_the_end],
        "faults": [(fault.text, fault.problem or None) for fault in result.faults],
        "verdict": [("everything held", None if result.held else "\n".join(result.why_not) or "it did not")],
    }
    for name, cases in suites.items():
        if cases:
            _suite(root, result, name, cases)
    total = sum(len(cases) for cases in suites.values())
    failed = sum(failure is not None for cases in suites.values() for _, failure in cases)
    root.attrib.update({"tests": str(total), "failures": str(failed), "errors": "0"})
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: ElementTree.Element, result: Result, name: str, cases: list[tuple[str, str | None]]) -> None:
    failed = sum(failure is not None for _, failure in cases)
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        {"name": f"{_text(result.name)}: {name}", "tests": str(len(cases)), "failures": str(failed), "errors": "0"},
    )
    for title, failure in cases:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": f"gameday.{_text(result.name)}.{name}", "name": _text(title), "time": "0"}
        )
        if failure is not None:
            first = failure.partition("\n")[0]
            ElementTree.SubElement(case, "failure", {"message": _text(first), "type": name}).text = _text(failure)


def _of_objective(one: Objective) -> tuple[str, str | None]:
    measured = words.amount(one, one.measured)
    return one.name, None if one.held else f"wanted {words.amount(one, one.wanted)}, measured {measured}: {one.why}"


def _of_check(result: Result, one: Check) -> tuple[str, str | None]:
    told = f"wanted {one.wanted}, measured {one.measured}" + (f": {one.why}" if one.why else "")
    return f"{one.name} ({one.phase})", None if one.held or not words.demanded(result, one) else told


def _text(value: str) -> str:
    """Without the characters that XML cannot have, escaped or not."""
    return _NOT_XML.sub("\ufffd", value)
