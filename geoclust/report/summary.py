"""A study in a few numbers: for `--json`, the terminal and scripts."""

from pathlib import Path
from typing import Any

import pandas as pd

from geoclust.records import Inputs
from geoclust.report.manifest import plain
from geoclust.report.profiles import rows_by_region
from geoclust.study import Study


def summarise(study: Study, out: str | Path | None = None) -> dict[str, Any]:
    """What a run found, as plain values ready for JSON.

    Parameters
    ----------
    study
        A finished study.
    out
        Folder it was written to, if it was.

    Returns
    -------
    dict
        `study`, `counts`, `inputs`, `ranking` (clusters, best first), `quasi_clusters`,
        `warnings`, `seconds` and, if given, `out` and `report`.
    """
    counts = study.status_counts
    summary: dict[str, Any] = {
        "study": study.config.name,
        "counts": {
            "records": len(study.inputs.records),
            "regions": len(study.regions),
            "clusters": counts["cluster"],
            "quasi_clusters": counts["quasi-cluster"],
            "none": counts["none"],
            "in_no_region": int(study.clustering.region_of.isna().sum()),
        },
        "inputs": summarise_inputs(study.inputs),
        "ranking": ranking_rows(study),
        "quasi_clusters": quasi_rows(study),
        "warnings": list(study.warnings),
        "seconds": round(float(study.stages["seconds"].sum()), 3),
    }
    if out is not None:
        summary |= {"out": str(out), "report": str(Path(out) / "report.html")}
    return summary


def summarise_inputs(inputs: Inputs) -> dict[str, Any]:
    """Counts of rows by file, rejects by reason, and notes, as plain values."""
    kinds = inputs.records["kind"].value_counts()
    files = inputs.files
    return {
        "records": {kind: int(kinds.get(kind, 0)) for kind in ("firm", "lab", "patent")},
        "ties": len(inputs.ties),
        "places": len(inputs.places),
        "rows": int(files["rows"].sum()),
        "accepted": int(files["accepted"].sum()),
        "rejected": int(files["rejected"].sum()),
        "merged": int(files["merged"].sum()),
        "left_out": inputs.left_out_count,
        "identities": len(inputs.merges),
        "reasons": rejection_reasons(inputs),
        "geocoded": len(inputs.geocoded),
        "ambiguous": int(inputs.geocoded["ambiguous"].sum()) if len(inputs.geocoded) else 0,
        "simulated": int(inputs.records["simulated"].sum()),
        "notes": [str(message) for message in inputs.notes["message"]],
    }


def rejection_reasons(inputs: Inputs) -> dict[str, int]:
    """Number of faults by table column and kind of reason, most frequent first."""
    if inputs.rejected.empty:
        return {}
    where = inputs.rejected["file"].map(lambda name: Path(str(name)).name)
    label = where + ": " + inputs.rejected["column"].astype("str")
    counts = label.value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def ranking_rows(study: Study) -> list[dict[str, Any]]:
    """One plain dictionary per ranked cluster, best first."""
    table = study.scores.table
    regions = _regions(study)
    rows = []
    for region_id, scored in zip(table.index, table.to_dict("records"), strict=True):
        row = {"rank": scored["rank_label"], **regions[str(region_id)]}
        for dimension in _dimensions(study):
            label = scored[f"{dimension}_rank_label"]
            row[f"{dimension}_rank"] = label if isinstance(label, str) else "not scored"
        rows.append(row)
    return rows


def quasi_rows(study: Study) -> list[dict[str, Any]]:
    """One plain dictionary per quasi-cluster, by tier, then heaviest first."""
    judged = study.classification
    tiers = judged.table.loc[judged.is_quasi, "tier"].sort_values(kind="stable").astype("int64")
    regions = _regions(study)
    gaps = rows_by_region(study.gaps)
    return [
        {**regions[region_id], "tier": tier, **_gap(gaps[region_id])}
        for region_id, tier in tiers.to_dict().items()
    ]


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "gap": row["summary"],
        "survives": plain(row["survives"]),
        "survival": plain(row["survival"]),
    }


def _regions(study: Study) -> dict[str, dict[str, Any]]:
    """What is said of any region, by its id."""
    table = pd.DataFrame(study.regions[["name", "country", "record_count"]])
    judged = study.classification.table
    table["density"] = judged["activity_density_per_100km2"].reindex(table.index)
    table["capability"] = judged["capability"].reindex(table.index)
    return {
        str(region_id): {
            "region_id": str(region_id),
            "name": row["name"],
            "country": row["country"] if isinstance(row["country"], str) else None,
            "records": int(row["record_count"]),
            "density_per_100km2": round(float(row["density"]), 3),
            "capability": round(float(row["capability"]), 3),
        }
        for region_id, row in zip(table.index, table.to_dict("records"), strict=True)
    }


def _dimensions(study: Study) -> list[str]:
    return list(dict.fromkeys(spec.dimension for spec in study.scores.framework.indicators))
