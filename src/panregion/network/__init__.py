"""The distances between sites, as a relay that every byte between them passes through."""

from panregion.network.network import Faults, Link, Network
from panregion.network.relay import Relay
from panregion.network.sites import Sites, UnknownSite, all_sites

__all__ = ["Faults", "Link", "Network", "Relay", "Sites", "UnknownSite", "all_sites"]
