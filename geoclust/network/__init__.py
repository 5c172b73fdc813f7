"""Ties between organisations -> network of regions -> collaboration, bridging and roles."""

from geoclust.network.betweenness import brokerage
from geoclust.network.bridging import bridgeness, constraint, participation
from geoclust.network.building import Network, build_network
from geoclust.network.partners import key_partners
from geoclust.network.projects import project_ties
from geoclust.network.rewiring import brokerage_z
from geoclust.network.roles import roles

__all__ = [
    "Network",
    "bridgeness",
    "brokerage",
    "brokerage_z",
    "build_network",
    "constraint",
    "key_partners",
    "participation",
    "project_ties",
    "roles",
]
