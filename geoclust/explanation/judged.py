"""The judgement: each criterion, each test, the status that follows, and the gap."""

import math
from typing import TYPE_CHECKING, Final

import pandas as pd

from geoclust.classification import Thresholds
from geoclust.classification.bars import DENSITY
from geoclust.classification.thresholds import AT_THE_BAR
from geoclust.explanation.evidence import GAP
from geoclust.explanation.rates import value_of
from geoclust.explanation.working import Listing, Worker, Working, all_of, missing, said, unknown

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

SETTINGS: Final = ("thresholds.",)
GAP_COLUMNS: Final = ("firms", "labs", "patents", "funding_usd", "cost", "density_after",
                      "capability_after", "summary")  # fmt: skip


def criteria_of(evidence: "Evidence", region_id: str) -> pd.DataFrame:
    """Each criterion of capability: indicator, value, target, share, weight, what it adds."""
    criteria = evidence.thresholds.criteria
    total = math.fsum(criterion.weight for criterion in criteria)
    rows = []
    for criterion in criteria:
        value = value_of(evidence, region_id, criterion.indicator)
        share = 0.0 if math.isnan(value) else min(1.0, max(0.0, value / criterion.target))
        weight = criterion.weight / total
        rows.append(
            {
                "criterion": criterion.name,
                "indicator": criterion.indicator,
                "value": value,
                "target": float(criterion.target),
                "share": share,
                "weight": weight,
                "adds": share * weight,
                "known": not math.isnan(value),
            }
        )
    return pd.DataFrame(rows)


def _capability(evidence: "Evidence", region_id: str, name: str) -> Working:
    table = criteria_of(evidence, region_id)
    share = table["share"].where(table["known"], float(name == "capability_upper"))
    value = min(1.0, math.fsum(share * table["weight"]))
    terms = [f"{said(w)} x {said(s)}" for w, s in zip(table["weight"], share, strict=True)]
    lacking = table["criterion"][~table["known"]]
    counted = "1" if name == "capability_upper" else "0"
    notes = tuple(f"No data on {one}: counted as {counted}." for one in lacking)
    return Working(
        value=value,
        filled=f"{' + '.join(terms)} = {said(value)}",
        listings=(Listing("criteria: min(1, value / target), by weight", table),),
        made_of=tuple(table["indicator"]),
        settings=SETTINGS,
        notes=notes,
    )


def tests_of(density: float, capability: float, thresholds: Thresholds) -> pd.DataFrame:
    """The four tests of a region: value, bar, whether passed, margin (value / bar - 1)."""
    rows = [
        {"test": f"{level} {what}", "value": value, "bar": float(bar), "margin": value / bar - 1}
        for level, bars in (("cluster", thresholds.cluster), ("quasi", thresholds.quasi))
        for what, value, bar in (
            ("density", density, bars.min_density),
            ("capability", capability, bars.min_capability),
        )
    ]
    table = pd.DataFrame(rows)
    return table.assign(passed=table["value"] >= table["bar"] * (1 - AT_THE_BAR))


def verdict(tests: pd.DataFrame) -> tuple[str, int | None]:
    """Status and tier that follow from the four tests."""
    dense, able, fairly_dense, fairly_able = tests["passed"]
    if dense and able:
        return "cluster", None
    if fairly_dense and fairly_able:
        return "quasi-cluster", 1 if dense or able else 2
    return "none", None


def _judged(evidence: "Evidence", region_id: str, name: str) -> Working:
    density = value_of(evidence, region_id, DENSITY)
    low, high = (float(_capability(evidence, region_id, which).value)
                 for which in ("capability", "capability_upper"))  # fmt: skip
    tests = tests_of(density, low, evidence.thresholds)
    status, tier = verdict(tests)
    best = tests_of(math.inf if math.isnan(density) else density, high, evidence.thresholds)
    value = {"status": status, "tier": tier, "undetermined": status != verdict(best)[0]}[name]
    passed = ", ".join(tests["test"][tests["passed"]]) or "none of the four tests"
    tier_said = f" of tier {tier}" if tier else ""
    filled = f"passes {passed}: {status}{tier_said}"
    if name == "undetermined":
        filled = (
            f"{status} with what is missing counted as nothing (capability {said(low)}), "
            f"{verdict(best)[0]} with it counted in full ({said(high)})"
        )
    return Working(
        value=value,
        filled=filled,
        listings=(
            Listing("tests", tests),
            Listing("criteria of capability", criteria_of(evidence, region_id)),
        ),
        made_of=(DENSITY, "capability", "capability_upper"),
        settings=SETTINGS,
    )


def _gap(evidence: "Evidence", region_id: str, name: str) -> Working:
    settings = ("thresholds.", "clustering.kind_weights.")
    made_of = ("activity", "reach_area_km2", "capability")
    status = evidence.value(region_id, "status")
    if status == "cluster":
        return unknown("a cluster lacks nothing", made_of=("status",), settings=settings)
    row = evidence.lacking.loc[[region_id]].iloc[0]
    column = name.removeprefix(GAP)
    value = None if missing(row[column]) else row[column]
    listing = Listing("additions", _additions(evidence, row))
    if missing(row["cost"]):
        filled = str(row["summary"])
        return Working(value=value, filled=filled, made_of=made_of, settings=settings)
    return Working(
        value=value,
        filled=_filled_gap(evidence, region_id, row),
        listings=(listing, Listing("criteria before", criteria_of(evidence, region_id))),
        made_of=made_of,
        settings=settings,
        notes=("The cheapest whole numbers that pass both bars, found by an exact search.",),
    )


def _additions(evidence: "Evidence", row: pd.Series) -> pd.DataFrame:
    costs, weights = evidence.thresholds.unit_costs, evidence.kind_weights
    rows = [
        {"addition": plural, "count": row[plural], "unit_cost": getattr(costs, kind),
         "cost": row[plural] * getattr(costs, kind), "activity": row[plural] * weights[kind]}
        for plural, kind in (("firms", "firm"), ("labs", "lab"), ("patents", "patent"))
        if not missing(row[plural])
    ]  # fmt: skip
    if not missing(row["funding_usd"]):
        cost = row["funding_usd"] * costs.funding_usd
        rows.append({"addition": "funding_usd", "count": row["funding_usd"],
                     "unit_cost": costs.funding_usd, "cost": cost, "activity": 0.0})  # fmt: skip
    return pd.DataFrame(rows, columns=["addition", "count", "unit_cost", "cost", "activity"])


def _filled_gap(evidence: "Evidence", region_id: str, row: pd.Series) -> str:
    added = _additions(evidence, row)
    active = value_of(evidence, region_id, "activity")
    area = value_of(evidence, region_id, "reach_area_km2")
    more = float(added["activity"].sum())
    bars = evidence.thresholds.cluster
    return (
        f"{row['summary']}: density 100 x ({said(active)} + {said(more)}) / {said(area)} = "
        f"{said(float(row['density_after']))} (bar {said(bars.min_density)}), capability "
        f"{said(float(row['capability_after']))} (bar {said(bars.min_capability)}), cost "
        f"{said(float(row['cost']))}"
    )


def _survival(evidence: "Evidence", region_id: str, name: str) -> Working:
    settings = ("report.survival", "clustering.", "thresholds.", "delineation.reach_km")
    made_of = (f"{GAP}summary",)
    if evidence.value(region_id, "status") == "cluster":
        return unknown("a cluster lacks nothing", made_of=("status",), settings=settings)
    if evidence.decided:
        given = evidence.value(region_id, name)
        told = "clustered again, and edits and polygons applied again, when the study ran"
        return Working(
            value=None if missing(given) else given,
            filled=f"{told}; not worked out anew here",
            made_of=made_of,
            settings=settings,
        )
    found = evidence.survival
    survives = found.at[region_id, "survives"]
    value = survives if name == f"{GAP}survives" else found.at[region_id, "survival"]
    said_so = found.at[region_id, "survival"]
    return Working(
        value=None if missing(value) else value,
        filled=f"clustered again with the additions: {said(said_so)}",
        made_of=made_of,
        settings=settings,
    )


WORKERS: Final[dict[str, Worker]] = {
    **all_of(("capability", "capability_upper"), _capability),
    **all_of(("status", "tier", "undetermined"), _judged),
    **all_of([f"{GAP}{name}" for name in GAP_COLUMNS], _gap),
    **all_of([f"{GAP}survives", f"{GAP}survival"], _survival),
}
