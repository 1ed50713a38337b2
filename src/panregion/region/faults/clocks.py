"""How wrong a region's clock is. Pure."""

from panregion.region.faults.model import ClockJump, ClockSkew


def shift_s(fault: ClockSkew | ClockJump, elapsed_s: float) -> float:
    """How far a fault has the clock ahead of the right time, `elapsed_s` seconds after it began."""
    if isinstance(fault, ClockSkew):
        return fault.skew_s + fault.drift_ms_per_s * elapsed_s / 1000
    return 0.0 if int(elapsed_s // fault.every_s) % 2 else fault.by_s
