"""Accounts of a study: how each country is covered, and where each setting comes from."""

from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from geoclust.clustering import Clustering, Hierarchy
from geoclust.schema import Records
from geoclust.study.config import StudyConfig

UNKNOWN_COUNTRY = "unknown"


def coverage_by_country(
    records: Records, clustering: Clustering, status: pd.Series
) -> pd.DataFrame:
    """What the study saw of each country.

    Parameters
    ----------
    records
        All accepted records.
    clustering
        Region of each record.
    status
        Verdict per region.

    Returns
    -------
    DataFrame
        Index `country` (alpha-2, or "unknown"), most records first; counts `records`, `firms`,
        `labs`, `patents`, `in_regions`, `regions`, `clusters`, `quasi_clusters`, and
        `noise_share` (0 to 1).  A region counts for the country of most of its weight.
    """
    country = records["country"].fillna(UNKNOWN_COUNTRY)
    table = pd.DataFrame({"records": country.value_counts()})
    for kind, name in (("firm", "firms"), ("lab", "labs"), ("patent", "patents")):
        table[name] = country[records["kind"] == kind].value_counts()
    inside = clustering.region_of.reindex(records.index).notna()
    table["in_regions"] = country[inside].value_counts()
    home = clustering.regions["country"].fillna(UNKNOWN_COUNTRY)
    table["regions"] = home.value_counts()
    for verdict, name in (("cluster", "clusters"), ("quasi-cluster", "quasi_clusters")):
        chosen = status.reindex(home.index) == verdict
        table[name] = home[chosen].value_counts()
    table = table.fillna(0).astype("int64")
    table["noise_share"] = 1 - table["in_regions"] / table["records"]
    table.index.name = "country"
    return (
        table.reset_index()
        .sort_values(["records", "country"], ascending=[False, True])
        .set_index("country")
    )


def settings_with_reasons(config: StudyConfig, hierarchy: Hierarchy) -> pd.DataFrame:
    """Every setting of the study as resolved, and why it has its value.

    Returns
    -------
    DataFrame
        Columns `setting` (dotted), `value` (text) and `why`: "default", "study file", or the
        rule that derived it.
    """
    apart = ("inputs.", "robustness.", "edits")  # the manifest has a place of its own for each
    rows = [row for row in _walk(config, "") if not row["setting"].startswith(apart)]
    settings = pd.DataFrame(rows, columns=["setting", "value", "why"])
    file = settings["setting"] == "boundaries.file"
    settings.loc[file, "value"] = Path(config.boundaries.file).name
    derived = settings["setting"] == "clustering.resolution_km"
    if config.clustering.resolution_km is None:
        settings.loc[derived, "value"] = f"{hierarchy.resolution_km:g}"
        settings.loc[derived, "why"] = hierarchy.resolution_reason
    return settings


def _walk(section: BaseModel, prefix: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if field.exclude:
            continue
        if isinstance(value, BaseModel):
            rows += _walk(value, f"{prefix}{name}.")
        else:
            why = "study file" if name in section.model_fields_set else "default"
            rows.append({"setting": f"{prefix}{name}", "value": _text(value), "why": why})
    return rows


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(_text(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
