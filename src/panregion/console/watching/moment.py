"""What one look at the world saw: plain values that go to the pages as they are."""

from typing import Any

import msgspec


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One second of a world. What is a list of changes holds those since the look before."""

    number: int
    """Counts from 1; the stream's event id."""
    at_s: float
    """Unix seconds."""
    answered: bool = True
    """Whether control answered; if not, nothing is known of the regions."""
    regions: dict[str, str] = {}
    """Region -> status, as `panregion status` has it."""
    faults: list[dict[str, Any]] = []
    """Those that are live: {id, description, began_s, fault}."""
    links: list[dict[str, Any]] = []
    """Links that are not as distance made them."""
    lag: list[tuple[str, str, str, float | None, int | None]] = []
    """(store, from region, to region, lag in ms, backlog in records) of every replica; None while cut off."""
    traffic: list[dict[str, Any]] = []
    """Requests by city and site, of whole seconds (edge/visits.py)."""
    health: list[dict[str, Any]] = []
    """Changes of health checks."""
    dns: list[dict[str, Any]] = []
    """DNS answers that are others than before: {city, name, values, regions}."""
    ended: list[dict[str, Any]] = []
    """Faults that ended since: {id, description, began_s, ended_s}."""
    notes: list[dict[str, str]] = []
    """What was done by way of the console: {text, command}."""
