"""Every indicator of a region in one list: label, unit, formula, dimension, direction, source.

`measure` computes them, `Framework` and `Thresholds` refer to them by name, reports explain them.
It lies below the rooms because three of them need it and rooms do not enter rooms.
"""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

ECIPE: Final = (
    "Erixon, Guinea, Pandya and Sisto, Quantum Clusters, ECIPE Occasional Paper 15/2025; "
    "formula as stated here"
)
OWN: Final = "geoclust"
FREEMAN: Final = "Freeman 1977, Sociometry 40(1), on lengths 1/weight; scaling as stated here"

MARKET: Final = "market_orientation"
COLLABORATION: Final = "collaboration_intensity"
MATURITY: Final = "ecosystem_maturity"

FIRM: Final = "firm"
INSTITUTIONAL: Final = "institutional"
EXTERNAL: Final = "external"

FACTORS: Final = MappingProxyType(
    {
        FIRM: "firm-level: the firms, their money, what they file and whom they work with",
        INSTITUTIONAL: "institutional: laboratories, what they give rise to, and the kinds of "
        "organisation and the ties that make one system of them",
        EXTERNAL: "external: what lies beyond any one organisation: ground, density, population "
        "and market, and ties that reach out of the region",
    }
)
"""Kinds of factor an indicator may speak of; an assignment of ours, for reading results."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One measured variable of a region, described."""

    name: str
    """Column of `Indicators`."""
    label: str
    """A few words for tables and axes."""
    unit: str
    formula: str
    """In words, with the names of the columns it uses."""
    factor: str
    """Kind of factor it speaks of, one of `FACTORS`."""
    dimension: str = ""
    """Dimension of the default framework; empty if not scored by default."""
    direction: int = 0
    """+1 more is better, -1 less is better, 0 neither: context."""
    source: str = OWN
    interval: str = ""
    """"Wilson" or "Poisson" where `<name>_low`, `_high` and `_evidence` go with it."""


def _build(*indicators: Indicator) -> MappingProxyType[str, Indicator]:
    return MappingProxyType({indicator.name: indicator for indicator in indicators})


INDICATORS: Final = _build(
    Indicator(
        name="firm_count", label="firms", unit="firms", formula="records of kind firm", factor=FIRM
    ),
    Indicator(
        name="lab_count",
        label="labs",
        unit="labs",
        formula="records of kind lab",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="patent_count",
        label="patents",
        unit="patents",
        formula="records of kind patent",
        factor=FIRM,
    ),
    Indicator(
        name="publication_count",
        label="publications",
        unit="publications",
        formula="sum over firms and labs of the column publications, where records have one; "
        "missing where none states it",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="institution_count",
        label="institutions",
        unit="organisations",
        formula="firm_count + lab_count",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="startup_count",
        label="startups",
        unit="firms",
        formula="firms of category startup; missing where no firm of the region has a category",
        factor=FIRM,
    ),
    Indicator(
        name="spinout_count",
        label="spinouts",
        unit="firms",
        formula="firms of category spinout; missing where no firm of the region has a category",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="category_count",
        label="kinds of organisation",
        unit="kinds, 0 to 8",
        formula="distinct categories among firms and labs, 'other' not counted; "
        "missing where no organisation of the region has a category",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="activity",
        label="activity",
        unit="weighted records",
        formula="sum of kind weight x weight over records",
        factor=EXTERNAL,
    ),
    Indicator(
        name="area_km2",
        label="footprint",
        unit="km2",
        formula="geodesic area of the drawn footprint",
        factor=EXTERNAL,
    ),
    Indicator(
        name="reach_area_km2",
        label="reach area",
        unit="km2",
        formula="geodesic area of the undivided reach footprint",
        factor=EXTERNAL,
    ),
    Indicator(
        name="activity_density_per_100km2",
        label="activity density",
        unit="weighted records per 100 km2",
        formula="100 x activity / reach_area_km2",
        factor=EXTERNAL,
    ),
    Indicator(
        name="population",
        label="population",
        unit="people",
        formula="sum over places inside the footprint; if none, the nearest place within reach "
        "that no other region claims",
        factor=EXTERNAL,
    ),
    Indicator(
        name="gdp_usd",
        label="GDP",
        unit="USD",
        formula="as population; estimated as population x GDP per head of the country where "
        "the study allows it",
        factor=EXTERNAL,
    ),
    Indicator(
        name="funding_usd",
        label="funding",
        unit="USD",
        formula="sum of disclosed funding over firms; missing where none is disclosed",
        dimension=MARKET,
        direction=1,
        source=ECIPE,
        factor=FIRM,
    ),
    Indicator(
        name="funding_disclosed_count",
        label="firms with disclosed funding",
        unit="firms",
        formula="firms whose funding_usd is known",
        factor=FIRM,
    ),
    Indicator(
        name="equity_funding_usd",
        label="equity funding",
        unit="USD",
        formula="sum of disclosed equity funding over firms; missing where none is disclosed",
        factor=FIRM,
    ),
    Indicator(
        name="equity_funding_disclosed_count",
        label="firms with disclosed equity funding",
        unit="firms",
        formula="firms whose equity_funding_usd is known",
        factor=FIRM,
    ),
    Indicator(
        name="equity_funding_to_gdp",
        label="equity funding to GDP",
        unit="USD per USD",
        formula="equity_funding_usd / gdp_usd",
        dimension=MARKET,
        direction=1,
        source=ECIPE,
        factor=FIRM,
    ),
    Indicator(
        name="industry_tie_count",
        label="industry ties",
        unit="pairs of organisations",
        formula="distinct pairs with an end in the region and at least one firm",
        factor=FIRM,
    ),
    Indicator(
        name="industry_ties_to_gdp_bn",
        label="industry ties to GDP",
        unit="pairs per billion USD",
        formula="industry_tie_count / (gdp_usd / 1e9)",
        dimension=MARKET,
        direction=1,
        source=ECIPE,
        interval="Poisson",
        factor=FIRM,
    ),
    Indicator(
        name="tie_count",
        label="ties",
        unit="pairs of organisations",
        formula="distinct pairs with at least one end in the region; an internal pair counts once",
        dimension=COLLABORATION,
        direction=1,
        source=ECIPE,
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="tie_weight",
        label="weight of ties",
        unit="summed tie weight",
        formula="sum of the weights of the pairs in tie_count",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="internal_tie_count",
        label="internal ties",
        unit="pairs of organisations",
        formula="distinct pairs with both ends in the region",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="external_tie_count",
        label="external ties",
        unit="pairs of organisations",
        formula="distinct pairs with exactly one end in the region",
        factor=EXTERNAL,
    ),
    Indicator(
        name="external_tie_share",
        label="share of external ties",
        unit="share, 0 to 1",
        formula="external_tie_count / tie_count",
        dimension=COLLABORATION,
        direction=1,
        source=ECIPE,
        interval="Wilson",
        factor=EXTERNAL,
    ),
    Indicator(
        name="brokerage",
        label="brokerage",
        unit="paths per pair of other regions",
        formula="betweenness on lengths 1/weight with country nodes as end points only, "
        "divided by (n-1)(n-2)/2 for n regions; missing below three regions; bridgeness, "
        "1 - constraint or participation where the study's network.brokerage says so",
        dimension=COLLABORATION,
        direction=1,
        source=FREEMAN,
        factor=EXTERNAL,
    ),
    Indicator(
        name="institutions_per_million",
        label="institutions per million people",
        unit="organisations per million",
        formula="institution_count / (population / 1e6)",
        dimension=MATURITY,
        direction=1,
        source=ECIPE,
        interval="Poisson",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="spinouts_per_lab",
        label="spinouts per lab",
        unit="spinouts per lab",
        formula="spinout_count / lab_count",
        dimension=MATURITY,
        direction=1,
        source=ECIPE,
        interval="Poisson",
        factor=INSTITUTIONAL,
    ),
    Indicator(
        name="startups_per_institution",
        label="startups per institution",
        unit="share, 0 to 1",
        formula="startup_count / institution_count",
        dimension=MATURITY,
        direction=1,
        source=ECIPE,
        interval="Wilson",
        factor=FIRM,
    ),
)
"""Name -> `Indicator`, in the order of the columns of `measure`."""


def nearest(name: str, known: Collection[str]) -> str:
    """Say which known name `name` may have meant; all of them where none is near.

    Examples
    --------
    >>> nearest("firm_cuont", ["lab_count", "firm_count"])
    "did you mean 'firm_count'?"
    >>> nearest("x", ["b", "a"])
    'known are: a, b'
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known are: " + ", ".join(sorted(known))


def unknown_indicators(names: Iterable[str]) -> list[str]:
    """One sentence per name that `INDICATORS` lacks, with the nearest it has.

    Examples
    --------
    >>> unknown_indicators(["firm_count", "firms_count"])
    ["unknown indicator 'firms_count'; did you mean 'firm_count'?"]
    """
    return [
        f"unknown indicator {name!r}; {nearest(name, INDICATORS)}"
        for name in names
        if name not in INDICATORS
    ]


def unknown_keys(keys: Iterable[str], kind: type, where: str = "") -> list[str]:
    """One sentence per key that is no field of the dataclass `kind`, with the nearest it has.

    Examples
    --------
    >>> unknown_keys(["name", "lable"], Indicator, "criteria[0].")
    ["unknown key 'criteria[0].lable'; did you mean 'label'?"]
    """
    known = [field.name for field in fields(kind)]
    return [
        f"unknown key '{where}{key}'; {nearest(key, known)}" for key in keys if key not in known
    ]
