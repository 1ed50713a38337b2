"""A result in sentences and short texts, for whoever reads no table: the report's head and the terminal's."""

from panregion.gameday.result import Check, FaultSpan, Objective, Result, Rto

LATE_S = 1.0
"""An outage that begins so much after its fault is told from one that begins with it."""


def seconds(value: float | None, absent: str = "never") -> str:
    return absent if value is None else f"{value:.1f} s"


def milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def share(value: float) -> str:
    """A share as per cent, never rounded to a whole that it is not."""
    text = f"{value * 100:.2f}"
    if text == "100.00" and value < 1:
        return "over 99.99 %"
    if text == "0.00" and value > 0:
        return "under 0.01 %"
    return f"{text.rstrip('0').rstrip('.')} %"


def count(number: int, noun: str) -> str:
    """`1 write`, `2 writes`, `no writes`."""
    if not number:
        return f"no {noun}s"
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def amount(objective: Objective, value: float | None) -> str:
    """An objective's figure with its unit."""
    if value is None:
        return "nothing to measure"
    match objective.unit:
        case "share":
            return share(value)
        case "writes":
            return count(int(value), "write")
        case "ms":
            return milliseconds(value)
    return seconds(value)


def verdict(result: Result) -> str:
    return "HELD" if result.held else "MISSED"


def sentences(result: Result) -> list[str]:
    """What happened and what it cost, in the order in which one would tell it."""
    told = [_what_happened(result), _who_felt_it(result), _requests(result), _writes(result)]
    if result.converge_s is not None:
        told.append(f"Every replica had everything {result.converge_s:.1f} s after the last fault was over.")
    elif result.faults:
        told.append("Not every replica had everything when the game day ended.")
    return [text for text in told if text]


def _what_happened(result: Result) -> str:
    begun = [fault for fault in result.faults if fault.began_s is not None]
    if not begun:
        return f"In {result.duration_s:.0f} s nothing was broken."
    told = ", ".join(f"{fault.text} ({_span(fault)})" for fault in begun[:3])
    more = f", and {count(len(begun) - 3, 'fault')} more" if len(begun) > 3 else ""
    return f"{told}{more}."


def _span(fault: FaultSpan) -> str:
    return (
        f"from {seconds(fault.began_s)} on"
        if fault.ended_s is None
        else f"{fault.began_s:.1f} to {fault.ended_s:.1f} s"
    )


def _who_felt_it(result: Result) -> str:
    touched = [one for one in result.rto if one.touched]
    spared = [city for city in result.blast_radius.cities if city not in {one.city for one in touched}]
    faults = {fault.id: fault.text for fault in result.faults}
    several = len({one.fault for one in result.rto}) > 1
    told = [_outage(one, faults.get(one.fault, one.fault) if several else "") for one in touched[:6]]
    if spared and result.faults:
        told.append(f"{_listed(spared)} noticed nothing.")
    return " ".join(told)


def _outage(one: Rto, fault: str) -> str:
    """One city's; `fault` is told where there were several."""
    return f"{_way_back(one)} ({fault})." if fault else f"{_way_back(one)}."


def _way_back(one: Rto) -> str:
    if one.first_success_s is None:
        return f"{one.city} was not served again"
    lost_s = one.lost_s or 0.0
    if lost_s >= LATE_S and one.steady_s is not None:
        lasted_s = one.steady_s - lost_s
        return f"{one.city} was served for {lost_s:.1f} s more, and then not for {lasted_s:.1f} s"
    served = f"{one.city} was served again after {one.first_success_s:.1f} s"
    if one.steady_s is None:
        return f"{served}, but not as well as before"
    if one.steady_s <= one.first_success_s:
        return f"{served}, as well as before"
    return f"{served}, and as well as before after {one.steady_s:.1f} s"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _requests(result: Result) -> str:
    radius = result.blast_radius
    if not radius.requests:
        return ""
    return f"From the first fault on {radius.failed:,} of {radius.requests:,} requests failed ({share(radius.share)})."


def _writes(result: Result) -> str:
    acknowledged = sum(one.acknowledged for one in result.rpo)
    if not acknowledged:
        return ""
    lost = sum(one.lost for one in result.rpo)
    overwritten = sum(one.overwritten for one in result.rpo)
    stale = sum(one.stale for one in result.rpo)
    return (
        f"Of {count(acknowledged, 'acknowledged write')}, {lost or 'none'} {'was' if lost < 2 else 'were'} lost and "
        f"{overwritten or 'none'} overwritten by a concurrent write; {count(stale, 'stale read')}."
    )


def demanded(result: Result, check: Check) -> bool:
    """Whether a check that does not hold failed the game day: most of what is seen during faults is only measured."""
    return check.phase != "during" or any(why.startswith(f"{check.name} during faults:") for why in result.why_not)
