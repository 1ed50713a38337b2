"""Chaos Toolkit's extension: every fault of a world as an action, and probes of it (https://chaostoolkit.org).

    type: action
    name: lose-a-region
    provider:
      type: python
      module: panregion.testing.chaos.actions
      func: region_kill
      arguments: {region: eu-west-1}

The world is the one of the folder that `chaos` runs in, or above it; the experiment's configuration can name another in
`panregion_world`. Faults are undone when `chaos` ends, however it ends.
"""

from panregion.testing.chaos import actions, probes

__all__ = ["actions", "discover", "probes"]


def discover(discover_system: bool = True) -> dict[str, object]:  # noqa: ARG001 - Chaos Toolkit's signature
    """What `chaos discover` is told: the activities that there are."""
    from chaoslib.discovery.discover import discover_actions, discover_probes, initialize_discovery_result

    found = initialize_discovery_result("panregion", "", "panregion")
    found["activities"] += discover_actions("panregion.testing.chaos.actions")
    found["activities"] += discover_probes("panregion.testing.chaos.probes")
    return dict(found)
