"""What a batch tells of its studies: a line each, what failed and why, what to know."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd
from pydantic import BaseModel

from geoclust.batch.combining import Combined
from geoclust.batch.finished import STUDIES, Finished
from geoclust.batch.plan import Plan
from geoclust.batch.planning import Unit
from geoclust.batch.splitting import originals
from geoclust.batch.work import Failed
from geoclust.study import StudyConfig

COUNTS: Final = (
    "records", "firms", "labs", "patents", "simulated", "rejected",
    "regions", "clusters", "quasi_clusters", "noise",
)  # fmt: skip
OWN_CHOICES: Final = ("study", "inputs", "report", "robustness")
"""Sections in which studies may differ without their regions being judged differently."""


def study_table(
    plan: Plan, studies: Mapping[str, Finished], failures: Mapping[str, Failed], combined: Combined
) -> pd.DataFrame:
    """One row per study in the order of the plan; index `study`."""
    best = _best(combined)
    rows = []
    for unit in plan.units:
        found = studies.get(unit.folder)
        state = "failed" if unit.folder in failures else "done" if found else "not run"
        counts = {name: found.counts[name] if found else None for name in COUNTS}
        rows.append(
            {
                "study": unit.name,
                "folder": f"{STUDIES}/{unit.folder}",
                "state": state,
                **counts,
                "best_rank": best["rank_label"].get(unit.folder),
                "best_cluster": best["name"].get(unit.folder),
                "own_settings": "; ".join(own_settings(plan.shared, unit)),
                "guidance": " ".join(found.facts["guidance"]) if found else None,
            }
        )
    table = pd.DataFrame(rows).set_index("study")
    texts = ["folder", "state", "best_rank", "best_cluster", "own_settings", "guidance"]
    return table.astype(dict.fromkeys(COUNTS, "Int64") | dict.fromkeys(texts, "str"))


def _best(combined: Combined) -> dict[str, dict[str, str]]:
    """Label and name of the best cluster of each study, by its folder."""
    ranked = combined.regions[combined.regions["rank"].notna()] if len(combined.regions) else None
    if ranked is None or ranked.empty:
        return {"rank_label": {}, "name": {}}
    first = ranked.groupby("study_folder", sort=False)[["rank_label", "name"]].first()
    return {str(name): first[name].to_dict() for name in first}


def own_settings(shared: StudyConfig, unit: Unit) -> list[str]:
    """Settings of a study that differ from those shared, as `clustering.min_samples = 3`."""
    return [f"{name} = {value}" for name, value in _differences(shared, unit.config)]


def _differences(one: BaseModel, other: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in type(one).model_fields:
        if not prefix and (name in OWN_CHOICES or name in ("base", "origin")):
            continue
        a, b = getattr(one, name), getattr(other, name)
        if isinstance(a, BaseModel) and isinstance(b, BaseModel):
            yield from _differences(a, b, f"{prefix}{name}.")
        elif a != b:
            plain = isinstance(b, (bool, int, float, str))
            yield f"{prefix}{name}", b if plain else "of its own"


def failure_table(plan: Plan, failures: Mapping[str, Failed]) -> pd.DataFrame:
    """One row per study that failed; index `study`."""
    rows = [
        {
            "study": unit.name,
            "folder": f"{STUDIES}/{unit.folder}",
            "kind": failures[unit.folder].kind,
            "reason": failures[unit.folder].reason,
        }
        for unit in plan.units
        if unit.folder in failures
    ]
    columns = ["study", "folder", "kind", "reason"]
    return pd.DataFrame(rows, columns=columns, dtype="str").set_index("study")


def rejected_table(plan: Plan, studies: Mapping[str, Finished]) -> pd.DataFrame:
    """Rejected rows of all studies, and those that went to none; by file and row as given."""
    parts = []
    units = {unit.folder: unit for unit in plan.units}
    for folder, found in studies.items():
        text = pd.read_csv(found.folder / "rejected.csv", dtype="str", keep_default_na=False)
        if plan.split is not None:
            text = originals(units[folder].config.base, text)
        text.insert(0, "study", units[folder].name)
        parts.append(text)
    if plan.split is not None:
        aside = plan.split.set_aside.astype("str")
        aside.insert(0, "study", "")
        parts.append(aside)
    columns = ["study", "file", "row", "record_id", "column", "value", "reason"]
    full = [part[columns] for part in parts if len(part)]
    return (
        pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=columns, dtype="str")
    )


def warnings_of(plan: Plan, studies: Mapping[str, Finished]) -> list[str]:
    """What to know of the batch, in the order of the plan."""
    told = [
        f"{unit.name}: {text}"
        for unit in plan.units
        if unit.folder in studies
        for text in studies[unit.folder].facts["guidance"]
    ]
    return [*_of_split(plan), *told]


def _of_split(plan: Plan) -> Iterator[str]:
    split = plan.split
    if split is None:
        return
    if len(split.crossing):
        yield (
            f"{len(split.crossing):,} ties cross a border and are in no study "
            "(crossing_ties.csv): collaboration is measured within countries"
        )
    if len(split.set_aside):
        rows = split.set_aside.drop_duplicates(["file", "row"])
        yield f"{len(rows):,} rows could be put in no study (rejected.csv, without a study)"
    if split.skipped:
        yield f"{split.skipped:,} rows are no records by the preset and in no study"
    if split.left_out:
        yield f"{split.left_out:,} rows are of countries that batch.countries leaves out"
