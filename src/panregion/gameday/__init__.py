"""Game days: load, faults, what was acknowledged, and a verdict that can be trusted."""
