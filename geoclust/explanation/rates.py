"""Ratios with their intervals, evidence flags, and estimates drawn towards the mean."""

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.explanation import ground, members, tied
from geoclust.explanation.evidence import plain
from geoclust.explanation.working import Listing, Worker, Working, missing, said, unknown
from geoclust.indicators.ratios import CONFIDENCE
from geoclust.indicators.shrinking import RATIOS, Parts

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

EQUITY: Final = "equity_funding_to_gdp"
ALL_RATIOS: Final = {**RATIOS, EQUITY: Parts("equity_funding_usd", "gdp_usd")}
BELOW: Final[dict[str, Worker]] = {**members.WORKERS, **tied.WORKERS, **ground.WORKERS}
UNIT_WORDS: Final = {1e6: " millions", 1e9: " billions"}
OWN: Final = ("observed", "own_weight")


class _Ratio(NamedTuple):
    """A ratio and its two parts, each worked out anew."""

    name: str
    parts: Parts
    above: Working
    below: Working
    value: float
    filled: str

    @property
    def exposure(self) -> float:
        """What is divided by, in the ratio's unit."""
        return _number(self.below.value) / self.parts.unit


def _ratio_of(evidence: "Evidence", region_id: str, name: str) -> _Ratio:
    return evidence.once(f"ratio {name}", region_id, lambda one, at: _found_ratio(one, at, name))


def _found_ratio(evidence: "Evidence", region_id: str, name: str) -> _Ratio:
    parts = ALL_RATIOS[name]
    above = BELOW[parts.events](evidence, region_id, parts.events)
    below = BELOW[parts.exposure](evidence, region_id, parts.exposure)
    number, exposure = _number(above.value), _number(below.value) / parts.unit
    value = number / exposure if exposure > 0 else math.nan
    unit = UNIT_WORDS.get(parts.unit, "")
    filled = f"{said(above.value)} / {said(exposure)}{unit} = {said(value)}"
    if missing(value):
        why = [f"{part} is missing" for part, one in zip(parts[:2], (above, below), strict=True)
               if missing(one.value)]  # fmt: skip
        filled = f"missing: {' and '.join(why) or f'{parts.exposure} is 0'}"
    return _Ratio(name, parts, above, below, value, filled)


def _number(value: Any) -> float:  # noqa: ANN401 - whatever a working holds
    return math.nan if missing(value) else float(value)


def _told(ratio: _Ratio, value: object, filled: str, **more: Any) -> Working:  # noqa: ANN401
    """A working of something about a ratio, with all that its parts list."""
    listings = [
        Listing(f"{part}: {listing.title}", listing.table)
        for part, one in zip(ratio.parts[:2], (ratio.above, ratio.below), strict=True)
        for listing in one.listings
    ]
    settings = (*ratio.above.settings, *ratio.below.settings, *more.pop("settings", ()))
    notes = (*more.pop("notes", ()), *ratio.above.notes, *ratio.below.notes)
    return Working(
        value=value,
        filled=filled,
        listings=(*more.pop("listings", ()), *listings),
        made_of=(*more.pop("made_of", ()), ratio.parts.events, ratio.parts.exposure),
        settings=settings,
        notes=tuple(dict.fromkeys(notes)),
    )


def _ratio(evidence: "Evidence", region_id: str, name: str) -> Working:
    if name in RATIOS and evidence.config.indicators.shrinkage:
        return _shrunk(evidence, region_id, name)
    ratio = _ratio_of(evidence, region_id, name)
    notes = []
    if INDICATORS[name].interval and not missing(ratio.value):
        low, high = _bounds(ratio)
        notes = [f"95 % interval: {said(low)} to {said(high)} ({INDICATORS[name].interval})."]
    return _told(ratio, ratio.value, ratio.filled, notes=notes)


def _observed(evidence: "Evidence", region_id: str, name: str) -> Working:
    ratio = _ratio_of(evidence, region_id, name.removesuffix("_observed"))
    return _told(ratio, ratio.value, ratio.filled, settings=("indicators.shrinkage",))


def _bounds(ratio: _Ratio) -> tuple[float, float]:
    """Interval of 95 %: Wilson's roots for a share, quantiles of chi-squared for a rate."""
    from scipy.special import chdtri, ndtri  # noqa: PLC0415 - heavy

    tail, count, n = (1 - CONFIDENCE) / 2, _number(ratio.above.value), ratio.exposure
    if INDICATORS[ratio.name].interval == "Poisson":
        low = chdtri(2 * count, 1 - tail) / 2 / n if count else 0.0
        return float(low), float(chdtri(2 * count + 2, tail) / 2 / n)
    z, p = float(ndtri(1 - tail)), count / n
    a, b, c = 1 + z * z / n, -2 * p - z * z / n, p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    low = 0.0 if count == 0 else (-b - root) / (2 * a)
    high = 1.0 if count == n else (-b + root) / (2 * a)
    return max(low, 0.0), min(high, 1.0)


def _bound(evidence: "Evidence", region_id: str, name: str) -> Working:
    whole, _, end = name.rpartition("_")
    ratio = _ratio_of(evidence, region_id, whole)
    if missing(ratio.value):
        return _told(ratio, math.nan, ratio.filled)
    value = _bounds(ratio)[end == "high"]
    count, n = said(ratio.above.value), said(ratio.exposure)
    if INDICATORS[whole].interval == "Wilson":
        sign = "-" if end == "low" else "+"
        filled = (
            f"(p + z²/2n {sign} z √(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = {count}/{n}, "
            f"n = {n}, z = 1.95996398: {said(value)}"
        )
    else:
        quantile, freedom = ("2.5 %", "2k") if end == "low" else ("97.5 %", "2k + 2")
        filled = (
            f"{quantile} quantile of chi-squared with {freedom} degrees of freedom, k = {count}, "
            f"/ 2 / {n}: {said(value)}"
        )
    notes = ("Wilson (1927)" if INDICATORS[whole].interval == "Wilson" else "Garwood (1936)",)
    return _told(ratio, value, filled, made_of=(whole,), notes=notes)


def _evidence(evidence: "Evidence", region_id: str, name: str) -> Working:
    whole = name.removesuffix("_evidence")
    ratio = _ratio_of(evidence, region_id, whole)
    least = evidence.config.indicators.min_evidence
    settings = ("indicators.min_evidence",)
    if missing(ratio.value):
        return _told(ratio, None, ratio.filled, settings=settings)
    by_events = ratio.parts.exposure in {"gdp_usd", "population"}
    part = ratio.parts.events if by_events else ratio.parts.exposure
    cases = _number((ratio.above if by_events else ratio.below).value)
    value = "ample" if cases >= least else "thin"
    sign = ">=" if cases >= least else "<"
    filled = f"{part} {said(cases)} {sign} {least}: {value}"
    return _told(ratio, value, filled, made_of=(whole,), settings=settings)


class _Drawn(NamedTuple):
    """Empirical Bayes over all regions."""

    mean: float
    variance: float
    between: float
    table: pd.DataFrame


def _drawn(evidence: "Evidence", name: str) -> _Drawn:
    parts = RATIOS[name]
    table = pd.DataFrame(
        {
            "region_id": evidence.regions.index.astype("str"),
            "events": evidence.regions[parts.events].astype("float64").to_numpy(),
            "exposure": evidence.regions[parts.exposure].astype("float64").to_numpy() / parts.unit,
        }
    )
    table = table[(table["exposure"] > 0) & table["events"].notna()].reset_index(drop=True)
    n, r = table["exposure"], table["events"] / table["exposure"]
    total = float(n.sum())
    mean = float(table["events"].sum()) / total if total else math.nan
    share = INDICATORS[name].interval == "Wilson"
    variance = max(0.0, mean * (1 - mean)) if share else mean
    spread = float((n * (r - mean) ** 2).sum()) / total if total else math.nan
    between = max(0.0, spread - variance / float(n.mean())) if total else math.nan
    return _Drawn(mean, variance, between, table.assign(ratio=r))


def _shrunk(evidence: "Evidence", region_id: str, name: str) -> Working:
    weighs = name.endswith("_own_weight")
    whole = name.removesuffix("_own_weight")
    ratio = _ratio_of(evidence, region_id, whole)
    if missing(ratio.value):
        return _told(ratio, math.nan, ratio.filled, settings=("indicators.shrinkage",))
    drawn = _drawn(evidence, whole)
    noise = drawn.variance / ratio.exposure
    both = drawn.between + noise
    own = drawn.between / both if both > 0 else 1.0
    value = own if weighs else drawn.mean + own * (ratio.value - drawn.mean)
    weight = (
        f"w = A / (A + v / n) = {said(drawn.between)} / ({said(drawn.between)} + "
        f"{said(drawn.variance)} / {said(ratio.exposure)}) = {said(own)}"
    )
    filled = (
        weight
        if weighs
        else (
            f"m + w (r - m) = {said(drawn.mean)} + {said(own)} x ({said(ratio.value)} - "
            f"{said(drawn.mean)}) = {said(value)}; {weight}"
        )
    )
    listing = Listing("all regions: what m, the mean of all, and A, how far they vary, are of",
                      drawn.table)  # fmt: skip
    return _told(
        ratio, value, filled, listings=(listing,), settings=("indicators.shrinkage",),
        made_of=(f"{whole}_observed",) if not weighs else (whole,),
        notes=("Marshall (1991), empirical Bayes.",),
    )  # fmt: skip


def value_of(evidence: "Evidence", region_id: str, name: str) -> float:
    """A reported indicator as a number, NaN where missing."""
    found = plain(evidence.regions.at[region_id, name])
    return math.nan if missing(found) else float(np.float64(found))  # type: ignore[arg-type]


def _density(evidence: "Evidence", region_id: str, _name: str) -> Working:
    active = members.WORKERS["activity"](evidence, region_id, "activity")
    area = ground.WORKERS["reach_area_km2"](evidence, region_id, "reach_area_km2")
    if missing(area.value):
        return unknown("the reach area is missing", made_of=("activity", "reach_area_km2"))
    value = 100.0 * active.value / area.value
    listings = (
        *(Listing(f"activity: {one.title}", one.table) for one in active.listings),
        *(Listing(f"reach_area_km2: {one.title}", one.table) for one in area.listings),
    )
    return Working(
        value=value,
        filled=f"100 x {said(active.value)} / {said(area.value)} = {said(value)}",
        listings=listings,
        made_of=("activity", "reach_area_km2"),
        settings=(*active.settings, *area.settings),
        notes=area.notes,
    )


WORKERS: Final[dict[str, Worker]] = {
    "activity_density_per_100km2": _density,
    **dict.fromkeys(ALL_RATIOS, _ratio),
    **{f"{name}_{end}": _bound for name in RATIOS for end in ("low", "high")},
    **{f"{name}_evidence": _evidence for name in RATIOS},
    **{f"{name}_observed": _observed for name in RATIOS},
    **{f"{name}_own_weight": _shrunk for name in RATIOS},
}
