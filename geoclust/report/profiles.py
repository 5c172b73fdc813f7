"""One profile per region: what its card on the page shows."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.manifest import plain
from geoclust.report.words import capital, spaced, text_or

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_PARTNERS = 6
"""Partner regions named on a card."""


def region_profiles(study: "Study") -> list[dict[str, Any]]:
    """Profiles in the order of `study.regions`, as plain values."""
    parts = {
        "tests": _grouped(study.classification.tests, ("test", "value", "bar", "passed", "margin")),
        "criteria": _grouped(
            study.classification.criteria,
            ("criterion", "value", "target", "share", "missing"),
        ),
        "pulls": _pulls(study),
        "partners": _partners(study),
    }
    facts = _facts(study)
    return [
        {
            **facts[number],
            **_measured(study, region_id),
            **_rank(study, region_id),
            "gap": _gap(study, region_id),
            **{name: rows.get(region_id, []) for name, rows in parts.items()},
        }
        for number, region_id in enumerate(study.regions.index)
    ]


def _facts(study: "Study") -> list[dict[str, Any]]:
    """Name, place, size and verdict of each region."""
    regions, judged = study.regions, study.classification.table
    rows = []
    for region_id in regions.index:
        region, verdict = regions.loc[region_id], judged.loc[region_id]
        rows.append(
            {
                "id": str(region_id),
                "name": text_or(region["name"], str(region_id)),
                "country": text_or(region["country"]),
                "countries": [c.strip() for c in text_or(region["countries"]).split(";") if c],
                "at": [_degrees(region, "longitude"), _degrees(region, "latitude")],
                "weight": plain(region["weight"]),
                "records": plain(region["record_count"]),
                "locations": plain(region["location_count"]),
                "persistence": plain(region["persistence"]),
                "extent_km": plain(region["extent_km"]),
                "status": str(verdict["status"]),
                "tier": plain(verdict["tier"]),
                "capability": plain(verdict["capability"]),
                "capability_upper": plain(verdict["capability_upper"]),
                "density": plain(verdict["activity_density_per_100km2"]),
                "undetermined": bool(verdict["undetermined"]),
            }
        )
    return rows


def _degrees(region: pd.Series, axis: str) -> float:
    label = region.get(f"label_{axis}")
    return round(float(region[axis] if label is None or pd.isna(label) else label), 4)


def _measured(study: "Study", region_id: str) -> dict[str, Any]:
    """Values, intervals and thin-evidence flags by indicator name."""
    row = study.indicators.loc[region_id]
    found: dict[str, Any] = {"values": {}, "intervals": {}, "thin": [], "notes": {}}
    for name in row.index:
        if name.endswith(("_low", "_high")):
            continue
        if name.endswith("_evidence"):
            if text_or(row[name]) == "thin":
                found["thin"].append(name.removesuffix("_evidence"))
        elif name.endswith("_basis") or name == "gdp_estimated":
            found["notes"][name] = plain(row[name])
        else:
            found["values"][name] = _short(row[name])
            if f"{name}_low" in row.index:
                ends = [_short(row[f"{name}_low"]), _short(row[f"{name}_high"])]
                found["intervals"][name] = ends
    return found


def _short(value: Any) -> Any:  # noqa: ANN401 - a cell may hold anything
    found = plain(value)
    return float(f"{found:.6g}") if isinstance(found, float) else found


def _rank(study: "Study", region_id: str) -> dict[str, Any]:
    """Rank among the clusters; the shadow rank of what is not quite one."""
    for table, name in ((study.scores.table, "rank"), (study.shadow.table, "shadow")):
        if region_id in table.index:
            row = table.loc[region_id]
            labels = {
                key.removesuffix("_rank_label"): text_or(row[key])
                for key in table.columns
                if key.endswith("_rank_label")
            }
            ranks = study.scores.indicator_ranks if name == "rank" else study.shadow.indicator_ranks
            own = ranks.loc[region_id] if name == "rank" else pd.Series(dtype="float64")
            return {
                name: text_or(row["rank_label"]),
                "dimension_ranks": labels,
                "indicator_ranks": {str(key): plain(rank) for key, rank in own.items()},
            }
    return {}


def _gap(study: "Study", region_id: str) -> str:
    gaps = study.classification.gaps
    return text_or(gaps.at[region_id, "summary"]) if region_id in gaps.index else ""


def _pulls(study: "Study") -> dict[str, list[dict[str, Any]]]:
    """By how much each indicator pulls its region up (positive) or down, in mean ranks."""
    table = study.scores.contributions
    known = table[~table["missing"].astype(bool)]
    return _grouped(known, ("indicator", "contribution"), spoken=False)


def _grouped(
    table: pd.DataFrame, columns: tuple[str, ...], *, spoken: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Rows of a long table by region; the first column in words if `spoken`."""
    chosen = [name for name in columns if name in table.columns]
    found: dict[str, list[dict[str, Any]]] = {}
    for region_id, *cells in table[["region_id", *chosen]].itertuples(index=False):
        row = {name: _short(cell) for name, cell in zip(chosen, cells, strict=True)}
        if spoken:
            row[chosen[0]] = capital(spaced(str(row[chosen[0]])))
        found.setdefault(str(region_id), []).append(row)
    return found


def _partners(study: "Study") -> dict[str, list[dict[str, Any]]]:
    """The nodes each region has most ties to, most pairs first."""
    edges = study.network.edges
    turned = edges.rename(columns={"node_a": "node_b", "node_b": "node_a"})
    both = pd.concat([edges, turned[edges.columns]], ignore_index=True)
    both = both[both["node_a"].isin(study.regions.index)]
    both = both.sort_values(["weight", "node_b"], ascending=[False, True], kind="stable")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in both.groupby("node_a", sort=False).head(MOST_PARTNERS).itertuples():
        entry = {"node": str(row.node_b), "pairs": plain(row.pair_count)}
        found.setdefault(str(row.node_a), []).append(entry)
    return found
