"""Two studies side by side: which regions are the same, what became of each, who moved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoclust.comparison.agreement import partition_agreement
from geoclust.comparison.fates import FATES, judge_fates, links_of
from geoclust.comparison.moves import FLOWS, flows, moved_records
from geoclust.comparison.opening import Source, open_sides, renamed
from geoclust.comparison.overlapping import MATCHES, Common, common_records, shared_pairs
from geoclust.comparison.showing import comparison_html
from geoclust.comparison.side import Side
from geoclust.comparison.standing import SAME_GROUND, grounds, status_moves
from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT

MOST_SHARED = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What two studies have in common, and where they differ."""

    a: Side
    b: Side
    fates: pd.DataFrame
    """One row per region, the same region in A and B being one, heaviest first: `region_a`,
    `region_b`, `name`, `country`, `fate`; `weight_a`, `weight_b`, `weight_change` (B / A - 1),
    `shared_weight`, `jaccard_members`; of the footprints `area_a_km2`, `area_b_km2`,
    `jaccard_footprints`; `status_a`, `status_b`; `rank_a`, `rank_b`, `rank_shift` (places gained);
    `also_into`, `also_from` (ids of the other regions it is linked with, joined by "; "); where
    the weight of A's region went (`a_same`, `a_others`, `a_none`, `a_absent`) and that of B's came
    from (`b_...`), shares that sum to 1."""
    pairs: pd.DataFrame
    """Every two regions that share a record: `region_a`, `region_b`, `shared_weight`, `share_a`,
    `share_b`, `jaccard_members`, `linked`, `same`."""
    moves: pd.DataFrame
    """Every record that is not where it was, by `record_id`; see `moved_records`."""
    statuses: pd.DataFrame
    """Number of regions by status in A (rows) and B (columns); "absent" where there is none."""
    agreement: dict[str, Any]
    """Counts of records, adjusted Rand indices, share of weight that stayed."""
    min_shared: float
    tolerance: float
    match: str

    @property
    def fate_counts(self) -> dict[str, int]:
        """Number of rows of `fates` by fate."""
        found = self.fates["fate"].value_counts()
        return {fate: int(found.get(fate, 0)) for fate in FATES}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to know of either side, each with the side it is of."""
        of_a, of_b = self.a.remarks, self.b.remarks
        both = [f"A and B: {told}" for told in of_a if told in of_b]
        one = [f"A: {told}" for told in of_a if told not in of_b]
        return (*both, *one, *(f"B: {told}" for told in of_b if told not in of_a))

    @property
    def redrawn(self) -> pd.DataFrame:
        """The rows of `fates` whose two footprints differ, most ground of one side only first."""
        both = self.fates[self.fates["jaccard_footprints"] < SAME_GROUND]
        apart = both["area_a_km2"] + both["area_b_km2"]
        apart = apart * (1 - both["jaccard_footprints"]) / (1 + both["jaccard_footprints"])
        return both.iloc[np.argsort(-apart.to_numpy(), kind="stable")]

    @property
    def changed(self) -> bool:
        """Whether a region, a member, a verdict or a rank differs; of footprints see `redrawn`."""
        kept = bool((self.fates["fate"] == "kept").all()) and self.moves.empty
        verdicts = self.fates["status_a"].fillna("") == self.fates["status_b"].fillna("")
        ranks = self.fates["rank_a"].fillna(0) == self.fates["rank_b"].fillna(0)
        return not (kept and bool(verdicts.all()) and bool(ranks.all()))

    def __repr__(self) -> str:
        told = [f"{count} {fate}" for fate, count in self.fate_counts.items() if count]
        return (
            f"<Comparison of {self.a.name!r} ({len(self.a.regions)} regions) with "
            f"{self.b.name!r} ({len(self.b.regions)}): {', '.join(told) or 'no region'}; "
            f"adjusted Rand {self.agreement['adjusted_rand']:.3f}>"
        )

    def _repr_html_(self) -> str:
        return comparison_html(self)


def compare_studies(
    a: Source,
    b: Source,
    *,
    names: tuple[str, str] | None = None,
    match: str = "record_id",
    min_shared: float = 0.5,
    tolerance: float = 0.1,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Compare two studies, a study with its results of before, or with published regions.

    Regions are the same where they share most weight, and at least more than `min_shared` of one
    of the two (method: see `geoclust.comparison.fates`).  Only records on both sides tell which
    regions are the same; weights, and so growth, are those of all records of each side.

    Parameters
    ----------
    a, b
        A `Study`, `Results`, `StudyConfig`, `PublishedRegions`, or a path: a study file or a folder
        of tables (run now), a folder of results, polygons (GeoPackage, GeoJSON, GeoParquet).
        Polygons hold the records of the other side.
    names
        What to call the two sides; without it their own names.
    match
        "record_id", or "name_and_place" where ids differ between the sides.
    min_shared
        Two regions are linked where more than this share of one is in the other; 0.5 up to, not
        including, 1.
    tolerance
        A region is kept while its weights differ by at most this share of the heavier.
    progress
        Called with the name of each stage of a study that is run.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError, ConfigError
        If a side cannot be read.
    ParameterError
        If no record is on both sides, both are polygons, or a number is out of range.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    >>> found = compare_studies(study, study)
    >>> found.fate_counts["kept"], found.changed, found.agreement["adjusted_rand"]
    (5, False, 1.0)
    """
    if not 0.5 <= min_shared < MOST_SHARED:  # noqa: PLR2004 - below half, "most" is not one
        raise ParameterError(f"min_shared is {min_shared!r}; want 0.5 to less than 1")
    if match not in MATCHES:
        raise ParameterError(f"match is {match!r}; want one of {', '.join(MATCHES)}")
    if not 0 <= tolerance < 1:
        raise ParameterError(f"tolerance is {tolerance!r}; want 0 to less than 1")
    one, two = renamed(open_sides(a, b, progress=progress), (a, b), names)
    common = common_records(one, two, match=match)
    pairs = shared_pairs(common)
    judged = judge_fates(one.weight, two.weight, pairs, min_shared=min_shared, tolerance=tolerance)
    same = set(zip(judged["region_a"], judged["region_b"], strict=True))
    pairs = pairs.assign(
        linked=links_of(pairs, min_shared=min_shared),
        same=[pair in same for pair in zip(pairs["region_a"], pairs["region_b"], strict=True)],
    )
    moves = moved_records(one, two, common, pairs)
    return Comparison(
        a=one,
        b=two,
        fates=_told((one, two), common, judged, pairs),
        pairs=pairs.drop(columns="shared"),
        moves=moves,
        statuses=status_moves(one, two, judged),
        agreement=_agreement(common, pairs),
        min_shared=min_shared,
        tolerance=tolerance,
        match=match,
    )


def _told(
    sides: tuple[Side, Side], common: Common, judged: pd.DataFrame, pairs: pd.DataFrame
) -> pd.DataFrame:
    """The fates with what is known of each region on both sides."""
    a, b = sides
    table = judged.copy()
    for end, side in (("a", a), ("b", b)):
        facts = side.regions.reindex(table[f"region_{end}"].to_numpy())
        for name in ("name", "country", "weight", "status", "rank"):
            table[f"{name}_{end}"] = facts[name].to_numpy()
        table[f"rank_{end}"] = table[f"rank_{end}"].astype("Int64")
    for name in ("name", "country"):
        table[name] = table.pop(f"{name}_b").fillna(table.pop(f"{name}_a")).astype("str")
    table["weight_change"] = table["weight_b"] / table["weight_a"] - 1
    table["rank_shift"] = table["rank_a"] - table["rank_b"]
    ends = ["region_a", "region_b"]
    known = pairs.set_index(ends)[["shared_weight", "jaccard_members"]]
    table = table.join(known, on=ends)
    table = table.join(grounds(a, b, table))
    table = table.join(flows(common, table, a, b))
    for name in ("also_into", "also_from"):
        joined = ["; ".join(ids) for ids in table[name]]
        table[name] = pd.Series(joined, index=table.index, dtype="str")
    heavier = table[["weight_a", "weight_b"]].max(axis=1)
    key = table["region_b"].fillna(table["region_a"])
    order = np.lexsort((key.to_numpy(dtype=object).astype(str), -heavier.to_numpy()))
    return table.iloc[order].reset_index(drop=True)[list(COLUMNS)]


COLUMNS = (
    *("region_a", "region_b", "name", "country", "fate"),
    *("weight_a", "weight_b", "weight_change", "shared_weight"),
    *("jaccard_members", "area_a_km2", "area_b_km2", "jaccard_footprints"),
    *("status_a", "status_b"),
    *("rank_a", "rank_b", "rank_shift", "also_into", "also_from", *FLOWS),
)
"""Columns of `Comparison.fates`, in order."""


def _agreement(common: Common, pairs: pd.DataFrame) -> dict[str, Any]:
    table = common.table
    region_a, region_b = table["region_a"], table["region_b"]
    units = table["units"].to_numpy()
    same = pairs.loc[pairs["same"], "shared"].sum()
    outside = int(units[(region_a.isna() & region_b.isna()).to_numpy()].sum())
    return {
        "records_common": len(table),
        "records_only_a": len(common.only_a),
        "records_only_b": len(common.only_b),
        "records_elsewhere": int(table["elsewhere"].sum()),
        "records_reweighted": common.reweighted,
        "records_ambiguous": common.ambiguous,
        "noise_a": int(region_a.isna().sum()),
        "noise_b": int(region_b.isna().sum()),
        "weight_common": float(units.sum() / WEIGHT_UNIT),
        "weight_stayed_share": float((same + outside) / units.sum()),
        **partition_agreement(region_a, region_b, units),
    }
