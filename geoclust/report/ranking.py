"""The ranking as the page shows it: ranks, how firm they are, dimensions, kinds of factor."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geoclust.catalogue import FACTORS
from geoclust.report.cells import (
    Cell,
    Column,
    Sheet,
    number_cell,
    rank_cell,
    region_cell,
    region_facts,
    scaled_span,
    size_cells,
)
from geoclust.report.profiles import rows_by_region
from geoclust.report.words import (
    capital,
    country_words,
    dimensions_of,
    has_mean_rank,
    number,
    spaced,
    spec_label,
)

if TYPE_CHECKING:
    from geoclust.robustness import Robustness
    from geoclust.scoring import Framework, Scores
    from geoclust.study import Study

Row = dict[str, Any]

TAKEN_AS: Final = {
    "competition_rank": "its rank among the clusters",
    "percentile": "the share of the other clusters behind",
    "min_max": "the distance from the lowest value, as a share of the range",
    "z_score": "standard deviations from the mean of the clusters",
    "goalposts": "the distance between two fixed goalposts",
    "world_share": "the share of the total",
}
PUT_TOGETHER: Final = {
    "rank_mean": "the mean of these ranks",
    "arithmetic": "the weighted mean",
    "geometric": "the geometric mean",
    "harmonic": "the harmonic mean",
    "copeland": "comparing the clusters two by two",
    "sum": "the sum",
}
FACTOR_NAMES: Final = {
    "firm": "Firm-level",
    "institutional": "Institutional",
    "external": "External",
    "unstated": "Unstated",
}


def ranking(study: "Study", robustness: "Robustness | None" = None) -> Sheet:
    """The clusters, best first; with an experiment, how far each rank holds."""
    dimensions = dimensions_of(study)
    columns = [
        Column("Rank", "number", rising=True),
        Column("Cluster"),
        *([Column("Country")] if robustness is None else _doubt_columns()),
        score_column(study.scores.framework),
        *(Column(capital(spaced(name)), "number", rising=True) for name in dimensions),
        Column("Records", "number"),
        Column("Density", "number", "per 100 km²"),
        Column("Capability", "number", "0 to 1"),
    ]
    facts, doubts = region_facts(study), doubt_cells(robustness)
    rows = [
        [
            rank_cell(rank["rank_label"], rank["rank"], thin=_thin(rank, "")),
            *_named(region_id, facts[region_id], doubts.get(region_id)),
            number_cell(rank["score"], "fixed"),
            *(
                rank_cell(
                    rank[f"{name}_rank_label"], rank[f"{name}_rank"], thin=_thin(rank, f"{name}_")
                )
                for name in dimensions
            ),
            *size_cells(facts[region_id]),
        ]
        for region_id, rank in rows_by_region(study.scores.table).items()
    ]
    return Sheet("ranking", "Clusters by overall rank", columns, rows)


def _named(region_id: str, region: Row, doubt: list[Cell] | None) -> list[Cell]:
    """Name and country, the country below the name where room is wanted for ranges."""
    country = country_words(region["country"])
    if doubt is None:
        return [region_cell(region_id, region), Cell(country)]
    return [replace(region_cell(region_id, region), under=country), *doubt]


def score_column(framework: "Framework") -> Column:
    """Heading of the total: a mean rank only where it is one."""
    label = "Mean rank" if has_mean_rank(framework) else "Score"
    return Column(label, "number", rising=framework.less_is_better)


def _aggregate(framework: "Framework") -> str:
    return framework.composite.aggregate or framework.aggregate


def _thin(rank: Row, prefix: str) -> bool:
    return bool(rank.get(f"{prefix}evidence") == "thin")


def ranking_words(framework: "Framework") -> str:
    """How the ranking comes about, in two sentences.

    Examples
    --------
    >>> from geoclust.scoring import Framework
    >>> ranking_words(Framework.quantum())
    'Of each indicator counts its rank among the clusters; the total is the mean of these ranks \
over all indicators, and the least is best.'
    >>> ranking_words(Framework.wipo())
    'Of each indicator counts the share of the total; the total is the sum over all indicators, \
and the greatest is best.'
    """
    composite = framework.composite
    of = "all indicators" if composite.of == "indicators" else "the dimensions’ scores"  # noqa: RUF001
    how = PUT_TOGETHER[_aggregate(framework)]
    if composite.of == "dimensions" and how == PUT_TOGETHER["rank_mean"]:
        how = "the mean"
    best = "least" if framework.less_is_better else "greatest"
    return (
        f"Of each indicator counts {TAKEN_AS[framework.normalise]}; the total is {how} over {of}, "
        f"and the {best} is best."
    ).replace(
        "is comparing the clusters two by two over", "comes from comparing them two by two in"
    )


def marks_thin(scores: "Scores") -> bool:
    """Whether any rank is marked as resting on thin evidence."""
    names = [name for name in scores.table if str(name).endswith("evidence")]
    return bool((scores.table[names] == "thin").to_numpy().any())


def _doubt_columns() -> list[Column]:
    return [
        Column("Rank in the draws", "span", "median, 5 to 95 %", rising=True),
        Column("Cluster", "number", "of draws"),
        Column("Top ten", "number", "of draws"),
    ]


def doubt_cells(robustness: "Robustness | None") -> dict[str, list[Cell]]:
    """For each region: median and range of its rank, probability of cluster and of top ten."""
    if robustness is None:
        return {}
    last = float(robustness.ranks["high"].max()) if len(robustness.ranks) else 1.0
    cluster = robustness.status["cluster"].to_dict()
    return {
        region_id: [
            _rank_span(row, last),
            number_cell(cluster[region_id], "share"),
            number_cell(row["top_ten"], "share"),
        ]
        for region_id, row in rows_by_region(robustness.ranks).items()
    }


def _rank_span(row: Row, last: float) -> Cell:
    low, middle, high = row["low"], row["median"], row["high"]
    span = scaled_span((1.0, last), (low, high, middle), own=row["study"])
    lean = "" if not row["off_centre"] else "mostly behind" if row["shift"] > 0 else "mostly ahead"
    text = f"{number(middle)}, {number(low)} to {number(high)}"
    return Cell(text, float(middle), note=lean if row["shift"] else "", span=span)


@dataclass(frozen=True)
class TopTen:
    """The best of one dimension, ties included."""

    dimension: str
    indicators: str
    rows: list[tuple[Cell, Cell, str]]


def top_tens(study: "Study") -> list[TopTen]:
    """The ten best clusters of each dimension; more where the tenth place is shared."""
    facts = region_facts(study)
    return [_top_ten(study, name, facts) for name in dimensions_of(study)]


def _top_ten(study: "Study", name: str, facts: dict[str, Row]) -> TopTen:
    specs = study.scores.framework.indicators
    labels = [spec_label(spec) for spec in specs if spec.dimension == name]
    evidence = study.scores.table[f"{name}_evidence"].to_dict()
    rows = [
        (
            rank_cell(row["rank_label"], row["rank"], thin=evidence[region_id] == "thin"),
            region_cell(region_id, facts[region_id]),
            country_words(facts[region_id]["country"]),
        )
        for region_id, row in rows_by_region(study.scores.top(name)).items()
    ]
    return TopTen(capital(spaced(name)), ", ".join(labels), rows)


def factor_ranks(study: "Study") -> Sheet:
    """The clusters ranked by kind of factor."""
    scores = study.factors
    kinds = scores.framework.dimensions
    columns = [
        Column("Rank", "number", "overall", rising=True),
        Column("Cluster"),
        Column("Country"),
        *(Column(FACTOR_NAMES[kind], "number", rising=True) for kind in kinds),
    ]
    facts, overall = region_facts(study), rows_by_region(study.scores.table)
    by_kind = rows_by_region(scores.table)
    rows = [
        [
            rank_cell(rank["rank_label"], rank["rank"]),
            region_cell(region_id, facts[region_id]),
            Cell(country_words(facts[region_id]["country"])),
            *(
                rank_cell(
                    by_kind[region_id][f"{kind}_rank_label"],
                    by_kind[region_id][f"{kind}_rank"],
                    thin=_thin(by_kind[region_id], f"{kind}_"),
                )
                for kind in kinds
            ),
        ]
        for region_id, rank in overall.items()
    ]
    return Sheet("factors", "Clusters by kind of factor", columns, rows)


def factor_words(study: "Study") -> list[tuple[str, str, str]]:
    """Kinds of factor: name, what it is, which scored indicators speak of it."""
    specs = study.scores.framework.indicators
    found = []
    for kind in study.factors.framework.dimensions:
        labels = [spec_label(spec) for spec in specs if spec.factor_of == kind]
        what = FACTORS.get(kind, "").partition(": ")[2]
        found.append((FACTOR_NAMES[kind], what, ", ".join(labels)))
    return found
