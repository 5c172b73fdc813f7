"""A study in every window of `[time]`, its regions followed from each to the next."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geoclust.comparison import Side
from geoclust.errors import ParameterError
from geoclust.schema import KINDS
from geoclust.study import StudyConfig, check_study
from geoclust.study.deciding import load_decisions
from geoclust.study.run import load_config
from geoclust.timeline.following import (
    Track,
    follow,
    pairs_by_ground,
    pairs_by_records,
    spans,
    track_names,
)
from geoclust.timeline.outcome import STEP_FATES, Timeline
from geoclust.timeline.slicing import account_of, coverage_remarks, loose_remarks, slice_inputs
from geoclust.timeline.walking import JUDGED, walk_window

FACTS = ("name", "country", "weight", "record_count", "area_km2", "status", *JUDGED)


def run_timeline(
    study: StudyConfig | str | Path,
    *,
    windows: tuple[str, ...] | None = None,
    min_shared: float = 0.5,
    tolerance: float = 0.1,
    progress: Callable[[str], None] | None = None,
) -> Timeline:
    """Run a study in each of its windows and follow its regions through them.

    Every window is clustered, delineated, measured, judged and ranked by itself, with the study's
    settings and its absolute bars.  Identity, births, deaths, merges and splits: see
    `geoclust.timeline.following`.  Given boundaries hold in every window; edits are decisions on
    the regions of the whole study, and are left out.

    Parameters
    ----------
    study
        A configuration with `[time]`, the path of a study file, or a folder with tables.
    windows
        Instead of the study file's, such as ``("2010-2014", "2015-2019")``.
    min_shared
        Regions of two windows are linked where more than this share of one is found in the other.
    tolerance
        A region is kept while its weights differ by at most this share of the heavier.
    progress
        Called with the name of each window as it begins.

    Returns
    -------
    Timeline

    Raises
    ------
    ConfigError, InputError
        As `run_study`.
    ParameterError
        If there are no windows, or a number is out of range.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     found = run_timeline(folder, windows=("2008-2015", "2016-2024"))
    >>> list(found.windows.index), found.followed_by
    (['2008-2015', '2016-2024'], 'ground')
    """
    config = with_windows(load_config(study), windows)
    _check(config, min_shared, tolerance)
    tell = progress or (lambda _: None)
    tell("read")
    inputs = check_study(config)
    bare = _without_edits(config)
    decisions = load_decisions(bare)
    sides, accounts = [], []
    for window in config.time.periods:
        tell(window.label)
        sliced = slice_inputs(inputs, window, config.time)
        sides.append(walk_window(bare, sliced, decisions, name=window.label))
        accounts.append(account_of(inputs, sliced, window, config.time))
    records = all(kind in config.time.cumulative for kind in _kinds(inputs.records))
    pairing = pairs_by_records if records else pairs_by_ground
    tracks, steps = follow(sides, pairing, min_shared=min_shared, tolerance=tolerance)
    names = track_names(tracks)
    table = _table(sides, tracks, names)
    return Timeline(
        config=config,
        windows=_windows(sides, accounts, steps),
        tracks=_tracks(sides, tracks, names, table),
        table=table,
        steps=_steps(sides, tracks, names, steps),
        sides=tuple(sides),
        followed_by="records" if records else "ground",
        remarks=(
            *_remarks(config, bare),
            *coverage_remarks(inputs, config.time),
            *loose_remarks(accounts),
        ),
    )


def with_windows(config: StudyConfig, windows: tuple[str, ...] | None) -> StudyConfig:
    """A configuration with other windows, checked as those of a file are."""
    if windows is None:
        return config
    try:
        time = type(config.time)(**{**config.time.model_dump(), "windows": windows})
    except ValueError as error:
        told = "; ".join(str(one["msg"]) for one in error.errors())  # type: ignore[attr-defined]
        raise ParameterError(f"windows: {told.removeprefix('Value error, ')}") from error
    return config.model_copy(update={"time": time})


def _check(config: StudyConfig, min_shared: float, tolerance: float) -> None:
    if not config.time.windows:
        raise ParameterError(
            'no windows: give [time] windows = ["2010-2014", "2015-2019"] in the study file, or '
            "--windows 2010-2014,2015-2019"
        )
    if not 0.5 <= min_shared < 1:  # noqa: PLR2004 - below half, "most" is not one
        raise ParameterError(f"min_shared is {min_shared!r}; want 0.5 to less than 1")
    if not 0 <= tolerance < 1:
        raise ParameterError(f"tolerance is {tolerance!r}; want 0 to less than 1")


def _kinds(records: pd.DataFrame) -> list[str]:
    return [kind for kind in KINDS if (records["kind"] == kind).any()]


def _without_edits(config: StudyConfig) -> StudyConfig:
    study = config.study.model_copy(update={"edits": ""})
    return config.model_copy(update={"edits": (), "study": study})


def _remarks(config: StudyConfig, bare: StudyConfig) -> list[str]:
    bars = (
        "The bars between cluster, quasi-cluster and none are absolute: a window that holds fewer "
        "records than the whole study has fewer regions that pass them. Compare windows with each "
        "other, not with the study."
    )
    told = [bars]
    lengths = {window.last - window.first for window in config.time.periods}
    if len(lengths) > 1:
        told.append("The windows are not of one length: the longer ones hold more years.")
    if config.edits or config.study.edits != bare.study.edits:
        told.append("The study's edits are left out: they decide on regions of the whole study.")
    return told


def _table(sides: list[Side], tracks: list[Track], names: list[str]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for track, name in zip(tracks, names, strict=True):
        ranks: dict[int, Any] = {}
        for number, region in sorted(track.regions.items()):
            facts = sides[number].regions.loc[region]
            ranks[number] = facts["rank"]
            shift = ranks.get(number - 1, pd.NA) - facts["rank"]
            rows.append(
                {
                    "track": name,
                    "window": sides[number].name,
                    "region_id": region,
                    "came": track.came[number],
                    **{fact: facts[fact] for fact in FACTS},
                    "rank": facts["rank"],
                    "rank_label": facts["rank_label"],
                    "rank_shift": shift,
                }
            )
    first = ["track", "window", "region_id", "name", "country", "came"]
    rest = [name for name in FACTS if name not in first]
    columns = [*first, *rest, "rank", "rank_label", "rank_shift"]
    table = pd.DataFrame(rows, columns=columns)
    whole = {"rank": "Int64", "rank_shift": "Int64", "tier": "Int64"}
    texts = dict.fromkeys([*first, "status", "rank_label"], "str")
    return table.astype(whole | texts)


def _tracks(
    sides: list[Side], tracks: list[Track], names: list[str], table: pd.DataFrame
) -> pd.DataFrame:
    home = _homes(tracks, names)
    ends = spans(tracks)
    groups = table.groupby("track", sort=False)
    last = groups.tail(1).set_index("track")
    found = pd.DataFrame(
        {
            "name": _told_apart(last["name"].reindex(names)),
            "country": last["country"].reindex(names),
            "first": [sides[at].name for at in ends[:, 0]],
            "last": [sides[at].name for at in ends[:, 1]],
            "windows": [len(track.regions) for track in tracks],
            "began": [track.origin for track in tracks],
            "began_from": [home.get(track.from_, "") if track.from_ else "" for track in tracks],
            "ended": [_end(track, len(sides)) for track in tracks],
            "ended_into": [home.get(track.into, "") if track.into else "" for track in tracks],
            "best_rank": groups["rank"].min().reindex(names),
            "last_status": last["status"].reindex(names),
            "peak_weight": groups["weight"].max().reindex(names),
        },
        index=pd.Index(names, name="track", dtype="str"),
    )
    keys = (
        np.array(names, dtype=str),
        -found["peak_weight"].to_numpy(),
        -found["windows"].to_numpy(),
    )
    return found.iloc[np.lexsort(keys)]


def _told_apart(names: pd.Series) -> pd.Series:
    """Names, those that occur again numbered."""
    again = names.groupby(names).cumcount() + 1
    return names.where(again == 1, names + " (" + again.astype("str") + ")")


def _homes(tracks: list[Track], names: list[str]) -> dict[tuple[int, str], str]:
    """Track of each window's region."""
    pairs = zip(tracks, names, strict=True)
    return {(at, region): name for track, name in pairs for at, region in track.regions.items()}


def _end(track: Track, count: int) -> str:
    if max(track.regions) == count - 1:
        return "alive"
    return "merged" if track.into else "gone"


def _steps(
    sides: list[Side], tracks: list[Track], names: list[str], steps: list[pd.DataFrame]
) -> pd.DataFrame:
    home = _homes(tracks, names)
    parts = []
    for number, step in enumerate(steps):
        here = [
            home[(number + 1, b)] if isinstance(b, str) else home[(number, a)]
            for a, b in zip(step["region_a"], step["region_b"], strict=True)
        ]
        joined = {
            end: pd.Series(["; ".join(ids) for ids in step[end]], index=step.index, dtype="str")
            for end in ("also_into", "also_from")
        }
        part = step.assign(
            from_window=sides[number].name,
            to_window=sides[number + 1].name,
            track=pd.Series(here, index=step.index, dtype="str"),
            **joined,
        )
        parts.append(part.sort_values("track", kind="stable"))
    columns = ["from_window", "to_window", "track", "region_a", "region_b", "fate"]
    columns += ["also_into", "also_from"]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
    return pd.concat(parts, ignore_index=True)[columns]


def _windows(
    sides: list[Side], accounts: list[dict[str, Any]], steps: list[pd.DataFrame]
) -> pd.DataFrame:
    rows = []
    for number, (side, account) in enumerate(zip(sides, accounts, strict=True)):
        status = side.regions["status"].value_counts()
        inside = side.records["region_id"].notna()
        whole = int(side.records["units"].sum())
        counts = steps[number - 1]["fate"].value_counts() if number else pd.Series(dtype="int64")
        rows.append(
            account
            | {
                "regions": len(side.regions),
                "clusters": int(status.get("cluster", 0)),
                "quasi_clusters": int(status.get("quasi-cluster", 0)),
                "in_regions_share": int(side.records["units"][inside].sum()) / whole
                if whole
                else np.nan,
            }
            | {fate: int(counts.get(fate, 0)) for fate in STEP_FATES}
        )
    return pd.DataFrame(rows).set_index("window")
