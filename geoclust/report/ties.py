"""Ties between regions as the map draws them: the shortest way round the Earth."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geoclust.report.arcs import great_circle_lines
from geoclust.report.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from geoclust.study import Study

MOST_DRAWN: Final = 400
"""Ties drawn at most, the strongest; more would be a tangle."""

STEP_KM: Final = 400.0


class Drawn(NamedTuple):
    """One tie between two regions, drawn."""

    a: int
    b: int
    """Places of its regions in `study.regions`."""
    weight: float
    pair_count: int
    lines: list[Any]
    """Arrays of shape (n, 2), degrees, cut at the antimeridian."""


def drawn_ties(study: "Study") -> list[Drawn]:
    """The strongest ties between regions, strongest first."""
    edges = region_edges(study).head(MOST_DRAWN)
    at = _places(study)
    numbers = {region_id: number for number, region_id in enumerate(study.regions.index)}
    return [
        Drawn(
            numbers[row["node_a"]],
            numbers[row["node_b"]],
            float(row["weight"]),
            int(row["pair_count"]),
            great_circle_lines(at[row["node_a"]], at[row["node_b"]], step_km=STEP_KM),
        )
        for row in edges.to_dict("records")
    ]


def region_edges(study: "Study") -> "pd.DataFrame":
    """Edges whose two ends are regions, strongest first."""
    edges = study.network.edges
    regions = study.regions.index
    inside = edges[edges["node_a"].isin(regions) & edges["node_b"].isin(regions)]
    return inside.sort_values(
        ["weight", "node_a", "node_b"], ascending=[False, True, True], kind="stable"
    )


def _places(study: "Study") -> dict[Any, tuple[float, float]]:
    """Where the map has each region's symbol."""
    table = study.regions
    spot = {
        axis: table.get(f"label_{axis}", table[axis]).fillna(table[axis])
        for axis in ("longitude", "latitude")
    }
    places = zip(spot["longitude"].tolist(), spot["latitude"].tolist(), strict=True)
    return dict(zip(table.index, places, strict=True))


def ties_words(study: "Study") -> str:
    """What is drawn and what is not, in a sentence or two; empty where nothing is."""
    edges = study.network.edges
    between = region_edges(study)
    if between.empty:
        return ""
    drawn = between.head(MOST_DRAWN)
    which = f"the {len(drawn):,} strongest of " if len(drawn) < len(between) else ""
    away = int(edges["pair_count"].sum() - between["pair_count"].sum())
    return (
        f"On the map, lines join {which}{counted(len(between), 'pair')} of regions by "
        f"{counted(int(between['pair_count'].sum()), 'tied pair')} of organisations; "
        f"{counted(away, 'tied pair')} with an organisation in no region "
        f"{'is' if away == 1 else 'are'} not drawn, having no region to end in."
    )
