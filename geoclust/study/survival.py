"""Whether a region that was given what it lacks would be a cluster if all were clustered again.

A gap is counted with membership held.  Here its records are put at the region's heaviest location
and clustered with the study's own settings; the part that then holds more than half of the
region's weight is drawn, measured and judged.

Only a window is clustered again, and the result is that of clustering everything.  Let R be
`max_link_km`.  New records change core distances within R of where they are put, and so links
within 2R: only trees of the forest that come within 2R can change.  The window holds these trees
whole and everything within R of them: all that their core distances and links depend on.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geoclust.catalogue import INDICATORS
from geoclust.classification import Classification, classify
from geoclust.classification.gaps import FEEDS
from geoclust.clustering import Clustering, Hierarchy, build_hierarchy, label_records
from geoclust.clustering.distributed import JobRunner
from geoclust.delineation import delineate
from geoclust.indicators import measure
from geoclust.records import Inputs
from geoclust.schema import Indicators, Records, weight_units
from geoclust.sphere import RADIUS_KM, Floats, Ints, chord_squared
from geoclust.study.config import StudyConfig
from geoclust.study.deciding import Decisions
from geoclust.study.redeciding import decide_again, ids_of_labels, in_effect

MOST_RECORDS: Final = 50_000
"""Records clustered again at most, over all regions together; beyond, regions are left out."""

MOST_REGIONS: Final = 200
"""Regions clustered again at most: even finding what lies near one takes time in a large study."""

ADDED: Final = {"firms": "firm", "labs": "lab", "patents": "patent"}
ROUNDING: Final = 1 + 1e-6
"""By how much squared distances are stretched, so that no window is too small."""

OWN_INDICATORS: Final = frozenset(
    {
        *("firm_count", "lab_count", "patent_count", "publication_count", "institution_count"),
        *("startup_count", "spinout_count", "category_count", "activity", "reach_area_km2"),
        *("activity_density_per_100km2", "funding_usd", "funding_disclosed_count"),
        *("equity_funding_usd", "equity_funding_disclosed_count"),
        *("spinouts_per_lab", "startups_per_institution"),
    }
)
"""Indicators made by a region's own records, whatever its places, ties and neighbours."""

MEASURED: Final = (
    *("kind", "longitude", "latitude", "weight", "category"),
    *("funding_usd", "equity_funding_usd", "publications"),
)
"""Columns of records that measuring takes."""

HALF: Final = 0.5
LAST: Final = 3
"""Behind both tiers of quasi-clusters."""
TOO_MANY: Final = f"not run: only the first {MOST_REGIONS} regions are clustered again"
UNCHANGED: Final = "nothing else changes"
TESTS: Final = {"cluster density": "density", "cluster capability": "capability"}
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Part:
    """The part that holds most of a region when clustered again with its additions."""

    members: Ints
    """Rows of its records; none where no part holds most of the region."""
    added: pd.DataFrame
    """The added records in it."""
    funded: bool
    """Whether the region's heaviest location is in it."""
    absorbed: bool
    """Whether a heavier region has come to be in it."""
    changes: tuple[str, ...]
    """How it differs from the region, or why there is none."""


def with_survival(
    classification: Classification,
    clustering: Clustering,
    inputs: Inputs,
    *,
    config: StudyConfig,
    decisions: Decisions | None = None,
    run: JobRunner | None = None,
) -> pd.DataFrame:
    """Say of each gap whether it survives clustering again with the additions.

    Quasi-clusters come first, then heavier regions, up to `MOST_REGIONS` regions and as long as no
    more than `MOST_RECORDS` records are clustered again.  Funding counts where the region's
    heaviest location comes to lie.

    Parameters
    ----------
    classification
        Statuses and gaps.
    clustering
        The regions.
    inputs
        The records that were clustered.
    config
        Settings of the study; `report.survival = false` leaves all of it out.
    decisions
        Its boundaries and edits, which are applied again to what is found anew.  Where regions
        are polygons instead of clustering, nothing is clustered again.
    run
        What clusters again; None: this process.

    Returns
    -------
    DataFrame
        `classification.gaps` with `survives` (True where more than half of the region's weight
        is then in one cluster, which no heavier region has joined; missing without a gap and
        where not run) and `survival` (in words: what changes, why it does not survive, or why it
        was not run; missing without a gap).
    """
    gaps = classification.gaps
    if decisions is not None:
        decisions = in_effect(decisions, clustering, inputs.records)
    order = _quasi_first(classification, clustering)
    refused = _why_not_run(config, clustering, decisions)
    words = {str(region_id): f"not run: {refused}" for region_id in order}
    answers: dict[str, bool] = {}
    if len(order) and not refused:
        words |= dict.fromkeys(map(str, order[MOST_REGIONS:]), TOO_MANY)
        tried = gaps.loc[order[:MOST_REGIONS]]
        parts, left_out = _cluster_again(
            tried, clustering, inputs, config=config, again=decisions, run=run or JobRunner()
        )
        for region_id, count in left_out.items():
            words[region_id] = f"not run: {count:,} records would have to be clustered again"
        for region_id, (answer, said) in _judge(parts, gaps, inputs, config).items():
            answers[region_id], words[region_id] = answer, said
    return gaps.assign(
        survives=pd.Series(answers, dtype="boolean").reindex(gaps.index),
        survival=pd.Series(words, dtype="str").reindex(gaps.index),
    )


def _why_not_run(config: StudyConfig, clustering: Clustering, decisions: Decisions | None) -> str:
    """The reason for which nothing is clustered again, empty if there is none."""
    if not config.report.survival:
        return "report.survival is false"
    if not _as_found(clustering) and (decisions is None or decisions.replaces_clustering):
        return "regions are given polygons, which additions do not move"
    if clustering.hierarchy.engine != "geoclust":
        return "only regions of our own engine are clustered again"
    named = {criterion.indicator for criterion in config.thresholds.criteria}
    beyond = sorted(named - OWN_INDICATORS)
    if beyond:
        return f"{beyond[0]} depends on more than a region's own records"
    shrunk = sorted(name for name in named if INDICATORS[name].interval)
    if config.indicators.shrinkage and shrunk:
        return f"shrinkage draws {shrunk[0]} towards all regions"
    return ""


def _as_found(clustering: Clustering) -> bool:
    """Whether decisions, if there were any, left every record where clustering had put it."""
    before = clustering.before
    return before is None or clustering.region_of.equals(before.region_of)


def _quasi_first(classification: Classification, clustering: Clustering) -> "pd.Index[str]":
    """Regions with a gap: by tier, those of none last; each heaviest first."""
    gaps = classification.gaps
    lacking = clustering.regions.index.isin(gaps.index[gaps["cost"].notna()])
    tier = classification.table["tier"].reindex(clustering.regions.index[lacking]).fillna(LAST)
    return tier.sort_values(kind="stable").index


def _cluster_again(
    gaps: pd.DataFrame,
    clustering: Clustering,
    inputs: Inputs,
    *,
    config: StudyConfig,
    again: Decisions | None,
    run: JobRunner,
) -> tuple[dict[str, _Part], dict[str, int]]:
    """By region, the part found, or how many records there were too many."""
    parts: dict[str, _Part] = {}
    left_out: dict[str, int] = {}
    tried: list[tuple[str, _Window]] = []
    before = _Before(clustering, inputs)

    def windows() -> Iterator[pd.DataFrame]:
        spent = 0
        for region_id, gap in gaps.iterrows():
            near, sure = before.window(str(region_id))
            if spent + len(near) > MOST_RECORDS:
                left_out[str(region_id)] = len(near)
                continue
            spent += len(near)
            added = before.added(str(region_id), gap)
            tried.append((str(region_id), _Window(near, sure, added)))
            yield pd.concat([before.table.iloc[near], added], ignore_index=True)

    common = before.build, config.clustering.selection_arguments
    for number, now in enumerate(run(labels_again, windows(), common=common)):
        region_id, window = tried[number]
        if again is None or _as_found(clustering):
            parts[region_id] = before.part(region_id, window.near, now, added=window.added)
            continue
        everywhere = np.arange(len(before.at))
        decided, faults = before.decided(window, now, clustering, again)
        part = before.part(region_id, everywhere, decided, added=window.added)
        parts[region_id] = _failed(part, faults) if faults else part
    return parts, left_out


def labels_again(window: pd.DataFrame, common: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Ints:
    """Number of the region of each record of a window, -1 for none; as a worker finds it.

    Parameters
    ----------
    window
        Records: kind, longitude, latitude, weight.
    common
        Arguments of `build_hierarchy` and of `label_records`.
    """
    build, rules = common
    return np.asarray(label_records(build_hierarchy(window, **build), **rules)["label"])


class _Before:
    """The study's own clustering, by row of the hierarchy's records."""

    def __init__(self, clustering: Clustering, inputs: Inputs) -> None:
        self.hierarchy = clustering.hierarchy
        self.locations = self.hierarchy.locations
        records = self.locations.records
        columns = ["kind", "longitude", "latitude", "weight", "country"]
        self.table = inputs.records[[name for name in columns if name in inputs.records]]
        self.names = clustering.regions.index
        self.region = self.names.get_indexer(pd.Index(clustering.region_of.reindex(records.index)))
        self.at = records["location"].to_numpy()
        self.weight = records["weight"].to_numpy()
        self.total = np.bincount(self.region + 1, self.weight, len(self.names) + 1)[1:]
        self.place = clustering.regions[["longitude", "latitude"]]
        self.tree = _trees(self.hierarchy)
        self.fresh = _unused(self.table.index)

    def window(self, region_id: str) -> tuple[Ints, Mask]:
        """Rows to cluster again when records are added at a region's heaviest location.

        And which of them are in trees that the window holds whole; only these may change.
        """
        link_km = self.hierarchy.max_link_km
        if 2 * link_km >= math.pi * RADIUS_KM:
            return np.arange(len(self.at)), np.ones(len(self.at), dtype=bool)
        here = np.arange(len(self.tree)) == self._heaviest(region_id)
        changed = np.isin(self.tree, self.tree[self._within(here, 2 * link_km)])
        rows = np.flatnonzero(changed[self.at])
        if len(rows) > MOST_RECORDS:
            return rows, np.ones(len(rows), dtype=bool)  # already too many
        rows = np.flatnonzero(self._within(changed, link_km)[self.at])
        return rows, changed[self.at[rows]]

    def _heaviest(self, region_id: str) -> int:
        """Number of the region's heaviest location."""
        longitude, latitude = self.place.loc[region_id]
        same = (self.locations.longitude == longitude) & (self.locations.latitude == latitude)
        return int(np.flatnonzero(same)[0])

    def _within(self, chosen: Mask, km: float) -> Mask:
        """Locations at most so far from a chosen one."""
        from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

        positions = self.locations.positions
        reach = math.sqrt(float(chord_squared(km)) * ROUNDING)
        low, high = positions[:, chosen].min(axis=1), positions[:, chosen].max(axis=1)
        inside = np.ones(len(chosen), dtype=bool)
        for axis, least, most in zip(positions, low - reach, high + reach, strict=True):
            inside &= (axis >= least) & (axis <= most)
        tree = KDTree(positions[:, chosen].T)
        distance, _ = tree.query(positions[:, inside].T, distance_upper_bound=reach)
        inside[inside] = np.isfinite(distance)
        return inside

    def added(self, region_id: str, gap: pd.Series) -> pd.DataFrame:
        """Firms, labs and patents of a gap as records of weight 1 at the heaviest location."""
        kinds = np.repeat(list(ADDED.values()), [int(gap[column]) for column in ADDED])
        where = self.place.loc[region_id].to_dict()
        names = [f"{self.fresh}{number}" for number in range(len(kinds))]
        return pd.DataFrame(
            {"kind": pd.Series(kinds, dtype="str"), **where, "weight": 1.0}
        ).set_axis(pd.Index(names, dtype="str"))

    @property
    def build(self) -> dict[str, Any]:
        """Arguments of `build_hierarchy`, at the study's own resolution."""
        names = ("min_samples", "resolution_km", "max_link_km", "kind_weights")
        return {name: getattr(self.hierarchy, name) for name in names}

    def decided(
        self, window: "_Window", now: Ints, clustering: Clustering, decisions: Decisions
    ) -> tuple[Ints, tuple[str, ...]]:
        """Numbers of the regions of all records and of the added ones, decisions taken again.

        `now` are the numbers in the window, before them.
        """
        found, near, added = clustering.before or clustering, window.near, window.added
        names = found.regions.index
        held = names.get_indexer(pd.Index(found.region_of.reindex(self.table.index)))
        rows, whole = near[window.sure], now[: len(near)][window.sure]
        label = np.concatenate([whole, now[len(near) :]])
        old = np.concatenate([held[rows], np.full(len(added), -1)])
        weight = np.concatenate([self.weight[rows], np.ones(len(added))])
        fresh = np.array([*ids_of_labels(label, old, weight, names), np.nan], dtype=object)
        ids = np.array([*names, np.nan], dtype=object)[held]
        ids[rows] = fresh[whole]
        table = pd.concat([self.table, added])
        region_of = pd.Series([*ids, *fresh[label[len(rows) :]]], index=table.index, dtype="str")
        hierarchies = [found.hierarchy]
        if decisions.cuts_finer:
            window_table = pd.concat([self.table.iloc[near], added])
            hierarchies.insert(0, build_hierarchy(window_table, **self.build))
        again, faults = decide_again(decisions, table, region_of, *hierarchies)
        numbers, _ = pd.factorize(again.reindex(table.index), sort=True)
        return numbers.astype(np.int64), faults

    def part(self, region_id: str, near: Ints, now: Ints, *, added: pd.DataFrame) -> _Part:
        """The part that holds more than half of a region's weight.

        `near` are the rows of the window, `now` the numbers of the regions of these and of the
        added records.
        """
        number = int(self.names.get_indexer(pd.Index([region_id]))[0])
        label, weight, region = now[: len(near)], self.weight[near], self.region[near]
        own = region == number
        kept = np.bincount(label[own] + 1, weight[own]) / self.total[number]
        most = int(np.argmax(kept)) - 1
        if most < 0 or kept[most + 1] <= HALF:
            return _Part(near[:0], added[:0], funded=False, absorbed=False, changes=_lost(kept))
        inside = label == most
        held = np.bincount(region[inside] + 1, weight[inside], len(self.names) + 1)[1:]
        joined = np.flatnonzero((held > HALF * self.total) & (np.arange(len(held)) != number))
        bar = self.total[number] + _units(added, self.hierarchy)
        gained = int((inside & ~own & ~np.isin(region, joined)).sum())
        here = self.at[near] == self._heaviest(region_id)
        taken = added[now[len(near) :] == most]
        changes = ["the additions stand apart"] if len(added) > len(taken) else []
        return _Part(
            members=near[inside],
            added=taken,
            funded=bool(inside[here].all()),
            absorbed=bool((self.total[joined] > bar).any()),
            changes=(*changes, *_joins(self.names[joined]), *_moved(label[own], most, gained)),
        )


@dataclass(frozen=True, eq=False)
class _Window:
    """What is clustered again."""

    near: Ints
    """Rows."""
    sure: Mask
    """Which of them are in trees that it holds whole; only these may change."""
    added: pd.DataFrame
    """Records that come with them."""


def _unused(ids: "pd.Index[str]") -> str:
    """Beginning of ids that no record has."""
    start = "added-"
    while ids.str.startswith(start).any():
        start = f"+{start}"
    return start


def _failed(part: _Part, faults: tuple[str, ...]) -> _Part:
    """A part that comes to nothing because an edit does not match any more."""
    changes = (*part.changes, *(f"then {fault}" for fault in faults))
    return replace(part, members=part.members[:0], added=part.added[:0], changes=changes)


def _trees(hierarchy: Hierarchy) -> Ints:
    """Number of the tree of the forest that each location is in."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - heavy

    forest, size = hierarchy.forest, len(hierarchy.locations)
    links = coo_array((np.ones(len(forest.a)), (forest.a, forest.b)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _units(added: pd.DataFrame, hierarchy: Hierarchy) -> int:
    """Weight of the added records in units."""
    factor = [float(hierarchy.kind_weights.get(kind, 1.0)) for kind in added["kind"]]
    return int(weight_units(added["weight"], pd.Series(factor, dtype="float64")).sum())


def _lost(kept: Floats) -> tuple[str]:
    """Why no part holds more than half of a region; `kept` is its share in none and in parts."""
    if kept[0] > HALF:
        return ("dissolves: most of its weight is then in no region",)
    return ("splits: no part holds more than half of its weight",)


def _joins(names: pd.Index) -> list[str]:
    return ["joins " + ", ".join(names)] if len(names) else []


def _moved(label: Ints, part: int, gained: int) -> list[str]:
    """What of its own records a region loses to other parts and to none, and what it gains."""
    elsewhere, nowhere = int(((label >= 0) & (label != part)).sum()), int((label < 0).sum())
    said = {
        "splits: {} to another region": elsewhere,
        "loses {}": nowhere,
        "takes in {} more": gained,
    }
    return [words.format(_counted(number)) for words, number in said.items() if number]


def _counted(number: int) -> str:
    return f"{number:,} record" + ("" if number == 1 else "s")


def _judge(
    parts: dict[str, _Part], gaps: pd.DataFrame, inputs: Inputs, config: StudyConfig
) -> dict[str, tuple[bool, str]]:
    """By region, whether it survives, and what is said of that."""
    tests = _tests(
        {name: part for name, part in parts.items() if len(part.members)}, gaps, inputs, config
    )
    found: dict[str, tuple[bool, str]] = {}
    for region_id, part in parts.items():
        failures = [
            f"{TESTS[test]} falls to {value:.2f}, bar {bar:.2f}"
            for test, value, bar, passed in tests.get(region_id, [])
            if test in TESTS and not passed
        ]
        survives = bool(len(part.members)) and not part.absorbed and not failures
        found[region_id] = survives, "; ".join([*part.changes, *failures]) or UNCHANGED
    return found


def _tests(
    parts: dict[str, _Part], gaps: pd.DataFrame, inputs: Inputs, config: StudyConfig
) -> dict[str, list[tuple[str, float, float, bool]]]:
    """Test, value, bar and whether passed of each part, all judged at once."""
    found: dict[str, list[tuple[str, float, float, bool]]] = {}
    if parts:
        tests = _classified(parts, gaps, inputs, config).tests
        columns = (tests[name].tolist() for name in ("region_id", "test", "value", "bar", "passed"))
        for region_id, *test in zip(*columns, strict=True):
            found.setdefault(region_id, []).append(tuple(test))
    return found


def _classified(
    parts: dict[str, _Part], gaps: pd.DataFrame, inputs: Inputs, config: StudyConfig
) -> Classification:
    """Judgement of the parts, each under the id of its region."""
    records = _records_of(parts, inputs)
    region_of = records.pop("region_id")
    rules = config.delineation.model_dump() | {"disjoint": False}
    kind_weights = config.clustering.kind_weights.model_dump()
    measured = measure(
        Records(records),
        region_of,
        delineate(Records(records), region_of, **rules),
        tables=inputs.tables - {"ties", "places"},
        kind_weights=kind_weights,
        reach_km=config.delineation.reach_km,
        min_evidence=config.indicators.min_evidence,
    )
    for column, kinds in FEEDS.items():
        new = [parts[str(name)].added["kind"].isin(kinds).sum() for name in measured.index]
        unknown = pd.Series(new, index=measured.index, dtype="float64").replace(0.0, np.nan)
        measured[column] = measured[column].fillna(unknown)  # its table was not given
    funding = gaps["funding_usd"].reindex(measured.index)
    funded = np.array([parts[str(name)].funded for name in measured.index])
    funding = funding.where(funded, 0.0)
    raised = measured["funding_usd"].fillna(0.0) + funding
    measured["funding_usd"] = measured["funding_usd"].where(funding == 0, raised)
    return classify(Indicators(measured), config.thresholds, kind_weights=kind_weights)


def _records_of(parts: dict[str, _Part], inputs: Inputs) -> pd.DataFrame:
    """Records of all parts one below the other, with `region_id`; a record may be in several."""
    used = inputs.records[[name for name in MEASURED if name in inputs.records]]
    rows = np.concatenate([part.members for part in parts.values()])
    old = used.iloc[rows].assign(
        region_id=np.repeat(list(parts), [len(part.members) for part in parts.values()])
    )
    new = pd.concat([part.added.assign(region_id=name) for name, part in parts.items()])
    table = pd.concat([old, new], ignore_index=True).astype({"region_id": "str"})
    table.index = table.index.astype("str").rename("record_id")
    return table
