"""Brokerage followed to the pairs a region stands between, and its other views to their parts."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.explanation.tied import NO_TIES
from geoclust.explanation.working import Listing, Worker, Working, all_of, missing, said, unknown
from geoclust.network.links import DIGITS, FEWEST_REGIONS, SAME_LENGTH, links_of, neighbours
from geoclust.network.plain import all_pairs
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

MEASURE: Final = "network.brokerage"
CHANCE: Final = ("network.rewirings", "study.seed", MEASURE)
FEW: Final = f"with fewer than {FEWEST_REGIONS} regions there is no pair of others to lie between"


class _Place(NamedTuple):
    """A region's place in the network: the nodes by position, and who is next to it."""

    names: list[str]
    at: int
    near: Ints
    weight: Floats
    """Of the tie to each of `near`."""
    matrix: Floats
    """Weight between any two nodes."""
    country: list[object]
    regions: int


def _place(evidence: "Evidence", region_id: str) -> _Place | None:
    """None where the region has no record that is a node."""
    return evidence.once("place in the network", region_id, _found_place)


def _found_place(evidence: "Evidence", region_id: str) -> _Place | None:
    nodes = evidence.network.nodes
    if region_id not in nodes.index:
        return None
    links = links_of(nodes, evidence.network.edges)
    matrix = np.zeros((len(nodes), len(nodes)))
    matrix[links.a, links.b] = matrix[links.b, links.a] = links.weight
    at = int(nodes.index.get_indexer(pd.Index([region_id]))[0])
    first, all_near = neighbours(links)
    near = np.sort(all_near[first[at] : first[at + 1]])
    countries = [None if missing(one) else one for one in nodes["country"]]
    return _Place(
        list(nodes.index), at, near, matrix[at, near], matrix, countries, int(links.is_region.sum())
    )


def _between(evidence: "Evidence", region_id: str, _name: str, *, beyond: bool = False) -> Working:
    """Betweenness, or bridgeness: of pairs beyond the region's neighbours only."""
    place = _place(evidence, region_id)
    if place is None or place.regions < FEWEST_REGIONS:
        return unknown(FEW, settings=(MEASURE,))
    links = links_of(evidence.network.nodes, evidence.network.edges)
    length, number = evidence.once("all pairs", "", lambda *_: all_pairs(links))
    v = place.at
    through = length[:, v][:, None] + length[v][None, :]
    on_path = (through <= length * (1 + SAME_LENGTH)) & np.isfinite(through)
    share = np.where(on_path, number[:, v][:, None] * number[v][None, :], 0.0)
    share = np.divide(share, number, out=np.zeros_like(share), where=number > 0)
    share[[v], :] = share[:, [v]] = 0.0
    np.fill_diagonal(share, 0.0)
    if beyond:
        share[place.near, :] = share[:, place.near] = 0.0
    table = _pairs(place, np.triu(share), length)
    n = place.regions
    pairs = (n - 1) * (n - 2) // 2
    value = round(float(table["share_of_paths"].sum()) / pairs, DIGITS)
    what = "pairs beyond its neighbours" if beyond else "pairs of other nodes"
    filled = (
        f"{said(float(table['share_of_paths'].sum()))} (shares of shortest paths through it, over "
        f"{len(table)} {what}) / {pairs:,} = ({n}-1)({n}-2)/2 for {n} regions: {said(value)}"
    )
    return Working(
        value=value,
        filled=filled,
        listings=(Listing("pairs it stands between", table), _partners(place)),
        settings=(MEASURE,),
        notes=_chance(evidence, region_id) if not beyond else (),
    )


def _pairs(place: _Place, share: Floats, length: Floats) -> pd.DataFrame:
    """Pairs of nodes with a share of their shortest paths through the region, most first."""
    a, b = np.nonzero(share > 0)
    table = pd.DataFrame(
        {
            "node_a": [place.names[one] for one in a],
            "node_b": [place.names[one] for one in b],
            "share_of_paths": share[a, b],
            "path_length": length[a, b],
        }
    )
    order = ["share_of_paths", "node_a", "node_b"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _partners(place: _Place) -> Listing:
    table = pd.DataFrame(
        {
            "node": [place.names[one] for one in place.near],
            "country": [place.country[one] for one in place.near],
            "weight": place.weight,
            "length": 1.0 / place.weight,
        }
    )
    order = table.sort_values(["weight", "node"], ascending=[False, True], ignore_index=True)
    return Listing("its partners: regions, and countries of organisations in none", order)


def _chance(evidence: "Evidence", region_id: str) -> tuple[str, ...]:
    rewirings = evidence.config.network.rewirings
    share = evidence.value(region_id, "brokerage_null_share")
    if missing(share):
        return ()
    mean = evidence.value(region_id, "brokerage_null_mean")
    z = evidence.value(region_id, "brokerage_z")
    reach = round(float(share) * rewirings)  # type: ignore[arg-type]
    told = f"Against chance: {reach} of {rewirings} rewired networks reach it; their mean is "
    return (f"{told}{said(mean)}, z {said(z)}.",)


def _constraint(evidence: "Evidence", region_id: str, _name: str) -> Working:
    place = _place(evidence, region_id)
    if place is None or not len(place.near):
        return unknown("the region has no ties to other nodes")
    strength = place.matrix.sum(axis=1)
    shares = np.divide(
        place.matrix, strength[:, None], out=np.zeros_like(place.matrix),
        where=strength[:, None] > 0,
    )  # fmt: skip
    own = shares[place.at]
    direct, indirect = own[place.near], (own @ shares)[place.near]
    squares = (direct + indirect) ** 2
    table = pd.DataFrame(
        {
            "node": [place.names[one] for one in place.near],
            "p_ij": direct,
            "sum_p_iq_p_qj": indirect,
            "squared": squares,
        }
    )
    value = round(math.fsum(squares), DIGITS)
    return Working(
        value=value,
        filled=f"sum over {len(table)} partners of (p_ij + sum p_iq p_qj)² = {said(value)}",
        listings=(Listing("partners", table), _partners(place)),
    )


def _participation(evidence: "Evidence", region_id: str, _name: str) -> Working:
    place = _place(evidence, region_id)
    if place is None or not len(place.near):
        return unknown("the region has no ties to other nodes")
    rows = pd.DataFrame(
        {
            "country": [place.country[one] or place.names[one] for one in place.near],
            "weight": place.weight,
        }
    )
    table = rows.groupby("country")[["weight"]].sum().reset_index()
    total = math.fsum(table["weight"])
    table["share"] = table["weight"] / total
    table["squared"] = table["share"] ** 2
    value = round(1.0 - math.fsum(table["weight"] ** 2) / total**2, DIGITS)
    return Working(
        value=value,
        filled=f"1 - {said(math.fsum(table['squared']))} (squared shares of {len(table)} "
        f"countries) = {said(value)}",
        listings=(Listing("countries its external ties go to", table), _partners(place)),
    )


def _role(evidence: "Evidence", region_id: str, name: str) -> Working:
    place = _place(evidence, region_id)
    if place is None:
        return Working(value=0, filled="the region is no node of the network")
    home = place.country[place.at]
    rows = []
    for a, b in combinations(place.near, 2):
        if place.matrix[a, b] == 0 and role_of(home, place.country[a], place.country[b]) == name:
            rows.append({"node_a": place.names[a], "country_a": place.country[a],
                         "node_b": place.names[b], "country_b": place.country[b]})  # fmt: skip
    table = pd.DataFrame(rows, columns=["node_a", "country_a", "node_b", "country_b"])
    filled = f"{len(table)} pairs of its partners that are not tied to each other, in this role"
    return Working(
        value=len(table), filled=filled, listings=(Listing("pairs", table), _partners(place))
    )


def role_of(home: object, a: object, b: object) -> str:
    """Gould and Fernandez's role of a node between two others, from the three countries.

    A node without a country shares one with nobody.

    Examples
    --------
    >>> role_of("GB", "GB", "FR"), role_of("GB", "FR", "FR"), role_of("GB", None, None)
    ('gatekeeper_representative', 'itinerant', 'liaison')
    """
    here = (home is not None and home == a) + (home is not None and home == b)
    if here:
        return "coordinator" if here == 2 else "gatekeeper_representative"  # noqa: PLR2004
    return "itinerant" if a is not None and a == b else "liaison"


def _against(evidence: "Evidence", region_id: str, name: str) -> Working:
    rewirings = evidence.config.network.rewirings
    if not rewirings:
        return unknown("network.rewirings is 0", settings=CHANCE)
    found = evidence.rewired
    if region_id not in found.index:
        return unknown("the region is no node of the network", settings=CHANCE)
    row = {str(one): float(cell) for one, cell in zip(found, found.loc[region_id], strict=True)}
    column = {"brokerage_z": "z", "brokerage_null_mean": "null_mean"}.get(
        name, "null_share_at_least"
    )
    value = row[column]
    observed, mean, sd = (said(row[one]) for one in ("brokerage", "null_mean", "null_sd"))
    filled = {
        "z": f"({observed} - {mean}) / {sd} = {said(value)}",
        "null_mean": f"mean over {rewirings} rewired networks: {mean}",
        "null_share_at_least": f"share of {rewirings} rewired networks that reach {observed}: "
        f"{said(value)}",
    }[column]
    return Working(value=value, filled=filled, made_of=("brokerage",), settings=CHANCE)


def _bridgeness(evidence: "Evidence", region_id: str, name: str) -> Working:
    return _between(evidence, region_id, name, beyond=True)


def _freedom(evidence: "Evidence", region_id: str, name: str) -> Working:
    found = _constraint(evidence, region_id, name)
    value: Any = found.value if missing(found.value) else 1.0 - found.value
    return Working(
        value=value,
        filled=f"1 - constraint = 1 - {said(found.value)} = {said(value)}; {found.filled}",
        listings=found.listings,
        settings=(MEASURE,),
    )


MEANINGS: Final[dict[str, Worker]] = {
    "betweenness": _between,
    "bridgeness": _bridgeness,
    "constraint": _freedom,
    "participation": _participation,
}


def _brokerage(evidence: "Evidence", region_id: str, name: str) -> Working:
    return MEANINGS[evidence.config.network.brokerage](evidence, region_id, name)


def _known(worker: Callable[..., Working]) -> Worker:
    """The worker where ties were given, else why nothing is known."""

    def work(evidence: "Evidence", region_id: str, name: str) -> Working:
        if "ties" not in evidence.tables:
            return unknown(NO_TIES)
        return worker(evidence, region_id, name)

    return work


WORKERS: Final[dict[str, Worker]] = {
    "brokerage": _known(_brokerage),
    "bridgeness": _known(_bridgeness),
    "constraint": _known(_constraint),
    "participation": _known(_participation),
    **all_of(
        ("coordinator", "itinerant", "gatekeeper_representative", "liaison"), _known(_role)
    ),
    **all_of(
        ("brokerage_z", "brokerage_null_mean", "brokerage_null_share"), _known(_against)
    ),
}  # fmt: skip
