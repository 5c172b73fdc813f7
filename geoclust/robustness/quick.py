"""The indicators of a draw on bare arrays: the numbers of `measure`, many times as fast.

Footprints, places and brokerage come from the rooms themselves.  Counts, sums, ties and ratios
are worked out here, on what does not change from draw to draw; a test holds them to `measure`,
bit by bit.  What is not needed is not worked out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.delineation import delineate
from geoclust.indicators import serve
from geoclust.indicators.measuring import NEEDS, TIE_COLUMNS
from geoclust.indicators.shrinking import RATIOS
from geoclust.network import brokerage
from geoclust.network.projects import project_shares
from geoclust.robustness.changing import Change
from geoclust.schema import ORGANISATION_KINDS, WEIGHT_UNIT, Places, Records, weight_units
from geoclust.sphere import Floats, Ints

if TYPE_CHECKING:
    from geoclust.robustness.chain import Chain
    from geoclust.robustness.gauging import Drawn

Columns = dict[str, Floats]

PLACE_COLUMNS: Final = ("population", "gdp_usd")
DENSITY: Final = "activity_density_per_100km2"
COUNTS: Final = (
    "firm_count",
    "lab_count",
    "patent_count",
    "institution_count",
    "startup_count",
    "spinout_count",
    "category_count",
    "activity",
    "funding_usd",
    "equity_funding_usd",
    "funding_disclosed_count",
    "equity_funding_disclosed_count",
    "publication_count",
)
MADE_OF: Final = {
    "equity_funding_to_gdp": ("equity_funding_usd", "gdp_usd"),
    **{name: (parts.events, parts.exposure) for name, parts in RATIOS.items()},
}
QUICK: Final = frozenset(
    {*COUNTS, *PLACE_COLUMNS, *TIE_COLUMNS, *MADE_OF, DENSITY, "reach_area_km2"}
)
"""Columns that are worked out here."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What no draw changes: the records and ties of a study as arrays, records by number."""

    of_kind: dict[str, Ints]
    """Numbers of the records of each kind."""
    category: Ints
    """Per record; -1 for none."""
    categories: tuple[str, ...]
    amounts: dict[str, Floats]
    """Per record, NaN where not disclosed (or not of the kind that discloses it)."""
    country: Ints
    """Per record; the last for none."""
    countries: tuple[str, ...]
    pairs: tuple[Ints, Ints]
    """Distinct tied pairs."""
    pair_units: Ints
    pair_industry: Ints

    @classmethod
    def of(cls, records: pd.DataFrame, ties: pd.DataFrame, ends: tuple[Ints, Ints]) -> "Facts":
        """Gather them once."""
        kind = records["kind"].to_numpy(dtype=object)
        organisation = np.isin(kind, ORGANISATION_KINDS)
        code, categories = pd.factorize(records["category"], sort=True)
        countries, country_names = pd.factorize(records["country"], sort=True)
        amounts = {
            name: np.where(kind == "firm", records[name].to_numpy(dtype=np.float64), np.nan)
            for name in ("funding_usd", "equity_funding_usd")
        }
        if "publications" in records:
            stated = records["publications"].to_numpy(dtype=np.float64)
            amounts["publications"] = np.where(organisation, stated, np.nan)
        weight = ties["weight"].fillna(1.0) if "weight" in ties else pd.Series(1.0, ties.index)
        first, second = np.minimum(*ends), np.maximum(*ends)
        cells, at = np.unique(first * len(records) + second, return_inverse=True)
        pairs = np.divmod(cells, max(len(records), 1))
        firm = kind == "firm"
        return cls(
            of_kind={name: np.flatnonzero(kind == name) for name in ("firm", "lab", "patent")},
            category=code.astype(np.int64),
            categories=tuple(map(str, categories)),
            amounts=amounts,
            country=np.where(countries < 0, len(country_names), countries).astype(np.int64),
            countries=(*(f"country:{name}" for name in country_names), "country:unknown"),
            pairs=(pairs[0], pairs[1]),
            pair_units=_tally(at, weight_units(weight, project_shares(ties)), len(cells)).astype(
                np.int64
            ),
            pair_industry=(firm[pairs[0]] | firm[pairs[1]]).astype(np.int64),
        )


def quick_gauge(
    chain: "Chain", drawn: "Drawn", change: Change, wanted: frozenset[str]
) -> pd.DataFrame:
    """The columns wanted (all of them in `QUICK`) of the draw's regions, by number."""
    needed = with_parts(wanted)
    columns = quick_columns(
        chain.facts,
        drawn,
        chain.units,
        _on_the_ground(chain, drawn, change, places=bool(needed & set(PLACE_COLUMNS))),
        tables=chain.tables,
        needed=needed,
    )
    return pd.DataFrame({name: columns[name] for name in sorted(wanted)}, index=list(drawn.names))


def with_parts(wanted: frozenset[str]) -> frozenset[str]:
    """Columns wanted, and those that they are made of.

    Examples
    --------
    >>> sorted(with_parts(frozenset({"spinouts_per_lab"})))
    ['activity', 'lab_count', 'spinout_count', 'spinouts_per_lab']
    """
    parts = {part for name in wanted if name in MADE_OF for part in MADE_OF[name]}
    return frozenset({*wanted, "activity", *parts})


def quick_columns(
    facts: Facts,
    drawn: "Drawn",
    units: Floats,
    ground: Columns,
    *,
    tables: frozenset[str],
    needed: frozenset[str],
) -> Columns:
    """What is needed (and more) of regions whose ground is known, by number.

    Parameters
    ----------
    facts
        Of the records and ties.
    drawn
        Regions of the records.
    units
        Weight of each record, its kind's factor included, in whole units.
    ground
        `reach_area_km2` and, if they are needed, `population` and `gdp_usd`.
    tables
        Those that were given.
    needed
        Some of `QUICK`, with what they are made of: see `with_parts`.
    """
    size = len(drawn.names)
    columns = _counts(facts, drawn, size)
    columns["activity"] = _tally(drawn.label, units * drawn.copies, size) / WEIGHT_UNIT
    if needed & set(TIE_COLUMNS):
        columns |= _ties(facts, drawn, size, brokers="brokerage" in needed)
    columns |= ground
    columns |= _unknown(tables, size)
    return columns | _ratios(columns, needed)


def _tally(label: Ints, values: Floats | Ints, size: int) -> Floats:
    """Sum of whole numbers by label, without those of label -1."""
    inside = label >= 0
    return np.bincount(label[inside], values[inside], size).astype(np.float64)


def _counts(facts: Facts, drawn: "Drawn", size: int) -> Columns:
    def count(rows: Ints) -> Floats:
        return _tally(drawn.label[rows], drawn.copies[rows], size)

    kinds = {kind: count(rows) for kind, rows in facts.of_kind.items()}
    columns = {f"{kind}_count": values for kind, values in kinds.items()}
    columns["institution_count"] = kinds["firm"] + kinds["lab"]
    firms, labs = facts.of_kind["firm"], facts.of_kind["lab"]
    known = (count(firms[facts.category[firms] >= 0]) > 0) | (kinds["firm"] == 0)
    for name in ("startup", "spinout"):
        code = facts.categories.index(name) if name in facts.categories else -2
        found = count(firms[facts.category[firms] == code])
        columns[f"{name}_count"] = np.where(known, found, np.nan)
    both = np.concatenate([firms, labs])
    known = (count(both[facts.category[both] >= 0]) > 0) | (columns["institution_count"] == 0)
    columns["category_count"] = np.where(known, _kinds_of_category(facts, drawn, size), np.nan)
    for name in ("funding_usd", "equity_funding_usd"):
        stated = np.flatnonzero(~np.isnan(facts.amounts[name]))
        columns[name] = _sum(facts.amounts[name], stated, drawn, size)
        columns[name.removesuffix("_usd") + "_disclosed_count"] = count(stated)
    columns["publication_count"] = np.full(size, np.nan)
    if "publications" in facts.amounts:
        stated = np.flatnonzero(~np.isnan(facts.amounts["publications"]))
        columns["publication_count"] = _sum(facts.amounts["publications"], stated, drawn, size)
    return columns


def _kinds_of_category(facts: Facts, drawn: "Drawn", size: int) -> Floats:
    """Distinct telling categories per region, of firms and of labs."""
    total = np.zeros(size)
    for kind in ORGANISATION_KINDS:
        rows = facts.of_kind[kind]
        rows = rows[(drawn.copies[rows] > 0) & (drawn.label[rows] >= 0)]
        for code in np.unique(facts.category[rows]):
            if code >= 0 and facts.categories[code] != "other":
                total[np.unique(drawn.label[rows[facts.category[rows] == code]])] += 1
    return total


def _sum(amounts: Floats, stated: Ints, drawn: "Drawn", size: int) -> Floats:
    """Exact sum over those who state an amount; NaN where nobody does."""
    rows = stated[drawn.label[stated] >= 0]
    parts: list[list[float]] = [[] for _ in range(size)]
    for row in np.repeat(rows, drawn.copies[rows]).tolist():
        parts[drawn.label[row]].append(float(amounts[row]))
    return np.array([math.fsum(part) if part else np.nan for part in parts], dtype=np.float64)


def _ties(facts: Facts, drawn: "Drawn", size: int, *, brokers: bool) -> Columns:
    """Every pair of copies once at each different node it ends in; countries behind regions."""
    a, b = facts.pairs
    many = drawn.copies[a] * drawn.copies[b]
    node = np.where(drawn.label >= 0, drawn.label, size + facts.country)
    na, nb = node[a], node[b]
    inner = na == nb
    nodes = size + len(facts.countries)

    def at_ends(values: Ints) -> Floats:
        total = np.bincount(na, values, nodes) + np.bincount(nb[~inner], values[~inner], nodes)
        return np.asarray(total[:size], dtype=np.float64)

    count, outer = at_ends(many), at_ends(many * ~inner)
    columns = {
        "tie_count": count,
        "tie_weight": at_ends(many * facts.pair_units) / WEIGHT_UNIT,
        "internal_tie_count": at_ends(many * inner),
        "external_tie_count": outer,
        "industry_tie_count": at_ends(many * facts.pair_industry),
    }
    if brokers:
        between = (many > 0) & ~inner
        units = (many * facts.pair_units)[between]
        columns["brokerage"] = _brokerage(facts, drawn, na[between], nb[between], units)
    return columns


def _brokerage(facts: Facts, drawn: "Drawn", na: Ints, nb: Ints, units: Ints) -> Floats:  # noqa: PLR0917
    size = len(drawn.names)
    names = np.array([*drawn.names, *facts.countries], dtype=object)
    lone = np.concatenate([facts.of_kind[kind] for kind in ORGANISATION_KINDS])
    lone = lone[(drawn.copies[lone] > 0) & (drawn.label[lone] < 0)]
    countries = sorted(np.array(facts.countries, dtype=object)[np.unique(facts.country[lone])])
    nodes = pd.DataFrame(
        {"kind": ["region"] * size + ["country"] * len(countries)},
        index=pd.Index([*sorted(drawn.names), *countries], dtype="str"),
    )
    place = nodes.index.get_indexer(pd.Index(names, dtype="str"))
    first, second = np.minimum(place[na], place[nb]), np.maximum(place[na], place[nb])
    cells, at = np.unique(first * len(nodes) + second, return_inverse=True)
    a, b = np.divmod(cells, max(len(nodes), 1))
    weight = _tally(at, units, len(cells)) / WEIGHT_UNIT
    edges = pd.DataFrame({"node_a": nodes.index[a], "node_b": nodes.index[b], "weight": weight})
    return brokerage(nodes, edges).reindex(list(drawn.names)).to_numpy(dtype=np.float64)


def _on_the_ground(chain: "Chain", drawn: "Drawn", change: Change, *, places: bool) -> Columns:
    """Reach areas from the footprints; people and GDP of the places they hold."""
    there = drawn.copies > 0
    rows = drawn.placed[there].assign(weight=drawn.placed["weight"][there] * drawn.copies[there])
    names = np.array([*drawn.names, np.nan], dtype=object)
    region_of = pd.Series(names[drawn.label[there]], index=rows.index, dtype="str")
    drawing = chain.config.delineation.model_dump() | {"reach_km": change.reach_km}
    drawing["disjoint"] = drawing["disjoint"] and places
    regions = delineate(Records(rows), region_of, **drawing)
    index = pd.Index(drawn.names, dtype="str", name="region_id")
    columns = {
        "reach_area_km2": regions["reach_area_km2"].reindex(index).to_numpy(dtype=np.float64)
    }
    if places:
        served = serve(chain.places, regions, rows, region_of, reach_km=change.reach_km)
        columns |= people_and_money(
            chain.places,
            index.get_indexer(pd.Index(served["region_id"])).astype(np.int64),
            len(index),
            gdp_per_head=chain.config.indicators.gdp_per_head,
        )
    return columns


def people_and_money(
    places: Places, label: Ints, size: int, *, gdp_per_head: Mapping[str, float]
) -> Columns:
    """People and GDP of `size` regions from the places that serve them; -1 serves none."""
    people = places["population"].to_numpy(dtype=np.float64)
    money = places["gdp_usd"].to_numpy(dtype=np.float64)
    per_head = places["country"].astype("str").map(dict(gdp_per_head))
    estimate = people * per_head.astype("float64").to_numpy()
    columns = {}
    values = {"population": people, "gdp_usd": np.where(np.isnan(money), estimate, money)}
    for name, value in values.items():
        parts: list[list[float]] = [[] for _ in range(size)]
        for at in np.flatnonzero((label >= 0) & ~np.isnan(value)).tolist():
            parts[label[at]].append(float(value[at]))
        sums = [math.fsum(part) if part else np.nan for part in parts]
        columns[name] = np.array(sums, dtype=np.float64)
    return columns


def _unknown(tables: frozenset[str], size: int) -> Columns:
    """What cannot be known without the tables that were not given."""
    names = [name for table in NEEDS if table not in tables for name in NEEDS[table]]
    names += TIE_COLUMNS if "ties" not in tables else ()
    names += PLACE_COLUMNS if "places" not in tables else ()
    return {name: np.full(size, np.nan) for name in names}


def _ratios(columns: Columns, needed: frozenset[str]) -> Columns:
    found = {DENSITY: _ratio(100.0 * columns["activity"], columns["reach_area_km2"])}
    for name, (events, exposure) in MADE_OF.items():
        if name in needed:
            unit = RATIOS[name].unit if name in RATIOS else 1.0
            found[name] = _ratio(columns[events], columns[exposure] / unit)
    return found


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient; NaN where the denominator is not positive."""
    return np.asarray(numerator / np.where(denominator > 0, denominator, np.nan))
