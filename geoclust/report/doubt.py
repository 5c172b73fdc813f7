"""How far results hold: what the experiment found, and what moves the ranks."""

from typing import TYPE_CHECKING, Any, Final

from geoclust.report.cells import (
    Cell,
    Column,
    Sheet,
    number_cell,
    region_cell,
    region_facts,
    scaled_span,
)
from geoclust.report.profiles import rows_by_region
from geoclust.report.words import capital, counted, label_of, listed, number, spaced

if TYPE_CHECKING:
    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study

Row = dict[str, Any]

MEASURES: Final = {
    "regions": ("regions", "count"),
    "clusters": ("clusters", "count"),
    "quasi_clusters": ("quasi-clusters", "count"),
    "noise_share": ("share of weight in no region", "share"),
    "shift of median ranks": ("shift of the clusters’ median ranks", "ratio"),  # noqa: RUF001
}
"""Rows of `Robustness.bias`: words and style of their numbers."""

VARIED: Final = {
    "resampling": "which records there are",
    "resample": "which records there are",
    "coordinates": "where records lie",
    "jitter": "where records lie",
    "clustering": "how records are clustered",
    **dict.fromkeys(
        ("min_samples", "min_cluster_size", "max_link_km", "resolution_km", "min_membership"),
        "how records are clustered",
    ),
    "delineation": "how far a footprint reaches",
    "reach_km": "how far a footprint reaches",
    "thresholds": "where bars and targets stand",
    **dict.fromkeys(("density_bars", "capability_bars", "targets"), "where bars and targets stand"),
    "normalisation": "how indicators are made comparable",
    "normalise": "how indicators are made comparable",
    "aggregation": "how indicators are put together",
    "aggregate": "how indicators are put together",
    "weights": "what indicators weigh",
    "left out": "which indicator is left out",
    "left_out": "which indicator is left out",
}
"""What an experiment varies, by input and by group of inputs."""

SHIFT: Final = "shift of median ranks"


def experiment_words(robustness: "Robustness") -> str:
    """What the experiment was, in a sentence."""
    inputs = listed(list(dict.fromkeys(map(varied_words, robustness.variation.inputs))))
    return (
        f"{capital(counted(len(robustness.draws), 'draw'))} of the whole chain, each with all "
        f"of this changed at once: {inputs}. A region that is no cluster in a draw has no rank "
        "there and takes the place behind all."
    )


def varied_words(name: str) -> str:
    """What an input of an experiment, or a group of them, varies.

    Examples
    --------
    >>> varied_words("jitter"), varied_words("something_new")
    ('where records lie', 'something new')
    """
    return VARIED.get(name, spaced(name))


def bias_words(robustness: "Robustness") -> list[str]:
    """Where the draws lie to one side of the study: a sentence for each measure."""
    rows = rows_by_region(robustness.bias)
    return [_leaning(name, row) for name, row in rows.items() if row["off_centre"]]


def _leaning(name: str, row: Row) -> str:
    what, style = MEASURES.get(name, (spaced(name), "ratio"))
    below, above = float(row["below"]), float(row["above"])
    middle, low, high = (number(row[end], style) for end in ("median", "low", "high"))
    if name == SHIFT:
        side, share = ("worse", above) if above > below else ("better", below)
        return (
            f"{number(share, 'share')} of the clusters have a median rank {side} than in the "
            f"study (by {middle} in the middle, {low} to {high})"
        )
    side, share = ("more", above) if above > below else ("less", below)
    return (
        f"{what}: {number(row['study'], style)} in the study, {side} in {number(share, 'share')} "
        f"of the draws (median {middle}, 5 to 95 %: {low} to {high})"
    )


def bias(robustness: "Robustness") -> Sheet:
    """The draws beside the study."""
    columns = [
        Column("Measure"),
        Column("Study", "number"),
        Column("Median draw", "number"),
        Column("5 to 95 %", "number"),
        Column("Below the study", "number", "of the draws"),
        Column("Above the study", "number", "of the draws"),
        Column("Verdict"),
    ]
    rows = []
    for name, row in rows_by_region(robustness.bias).items():
        what, style = MEASURES.get(name, (spaced(name), "ratio"))
        rows.append(
            [
                Cell(capital(what)),
                number_cell(row["study"], style),
                number_cell(row["median"], style),
                Cell(f"{number(row['low'], style)} to {number(row['high'], style)}"),
                number_cell(row["below"], "share"),
                number_cell(row["above"], "share"),
                Cell("off-centre" if row["off_centre"] else "centred"),
            ]
        )
    return Sheet("bias", "The draws beside the study", columns, rows)


def statuses(study: "Study", robustness: "Robustness") -> Sheet:
    """Probability of each verdict, region by region, heaviest first."""
    columns = [
        Column("Region"),
        Column("In the study"),
        *(
            Column(name, "number", "of the draws")
            for name in ("Cluster", "Quasi-cluster", "Neither", "Not found")
        ),
        Column("As in the study", "number", "of the draws"),
    ]
    facts, found = region_facts(study), rows_by_region(robustness.status)
    names = ("cluster", "quasi_cluster", "none", "vanished", "same")
    rows = [
        [
            region_cell(region_id, facts[region_id]),
            Cell(str(found[region_id]["study"])),
            *(number_cell(found[region_id][name], "share") for name in names),
        ]
        for region_id in facts
        if region_id in found
    ]
    return Sheet("statuses", "Verdicts in the draws", columns, rows)


def indices(sensitivity: "Sensitivity") -> Sheet:
    """Sobol indices, drawn and told; the input that counts for most first."""
    columns = [
        Column("What varies"),
        Column("By itself", "span", "share of the variance, 95 %"),
        Column("With all its interplay", "span", "share of the variance, 95 %"),
    ]
    table = sensitivity.table.sort_values("total", ascending=False, kind="stable")
    rows = [
        [
            Cell(capital(varied_words(name)), name),
            _index_cell(row, "first"),
            _index_cell(row, "total"),
        ]
        for name, row in rows_by_region(table).items()
    ]
    return Sheet("sobol", "What moves the ranks", columns, rows)


def _index_cell(row: Row, kind: str) -> Cell:
    value, low, high = row[kind], row[f"{kind}_low"], row[f"{kind}_high"]
    span = scaled_span((0.0, 1.0), (low, high, value), axis=0.0, filled=True)
    text = f"{number(value, 'fixed')}, {number(low, 'fixed')} to {number(high, 'fixed')}"
    return Cell(text, float(value), span=span)


def indices_words(sensitivity: "Sensitivity") -> str:
    """What was measured, in how many runs; and that intervals beyond 0 to 1 mean too few."""
    table = sensitivity.table
    ends = table[[f"{kind}_{end}" for kind in ("first", "total") for end in ("low", "high")]]
    beyond = bool(((ends < 0) | (ends > 1)).any(axis=None))
    words = (
        f"How much each kind of change answers for when the clusters’ ranks move, in "  # noqa: RUF001
        f"{counted(sensitivity.runs, 'run')} of their own: by itself, and with all its interplay. "
        f"On average a rank moves by {number(sensitivity.mean)} places."
    )
    few = " Ranges that leave 0 to 1 are drawn to the edge and say that the runs are few."
    return words + (few if beyond else "")


def left_out(study: "Study", robustness: "Robustness") -> Sheet:
    """Ranks of the clusters without each indicator in turn."""
    table = robustness.leave_one_out
    columns = [
        Column("Cluster"),
        *(
            Column("All" if name == "all" else f"Without {label_of(name)}", "number", rising=True)
            for name in map(str, table.columns)
        ),
    ]
    facts = region_facts(study)
    rows = [
        [
            region_cell(region_id, facts[region_id]),
            *(number_cell(rank, "count") for rank in row.values()),
        ]
        for region_id, row in rows_by_region(table).items()
    ]
    return Sheet("left-out", "Ranks without one indicator", columns, rows)


def dominance(study: "Study", robustness: "Robustness") -> Sheet:
    """Which clusters are ahead of others in every indicator, and the ranks weights can give."""
    columns = [
        Column("Cluster"),
        Column("Ahead of", "number", "clusters, in every indicator"),
        Column("Behind", "number", "clusters, in every indicator"),
        Column("Best rank", "number", "by weights alone", rising=True),
        Column("Worst rank", "number", "by weights alone", rising=True),
    ]
    facts = region_facts(study)
    names = ("dominates", "dominated_by", "best_rank", "worst_rank")
    rows = [
        [region_cell(region_id, facts[region_id]), *(number_cell(row[n], "count") for n in names)]
        for region_id, row in rows_by_region(robustness.dominance).items()
    ]
    return Sheet("dominance", "Which clusters are ahead whatever the weights", columns, rows)
