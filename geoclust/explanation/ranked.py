"""Ranks followed down: overall to dimension to indicator, with contributions and ties."""

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geoclust.explanation.fields import Field, field_of, place_among
from geoclust.explanation.working import Listing, Worker, Working, missing, said, unknown
from geoclust.scoring.evidence import SLACK, THIN_SHARE
from geoclust.scoring.matrix import SHARE_SLACK
from geoclust.scoring.rules import Level

if TYPE_CHECKING:
    from geoclust.explanation.evidence import Evidence

NOT_RANKED: Final = "only clusters are ranked, and this region is none"
SETTINGS: Final = ("scoring.",)


class _Parts(NamedTuple):
    """What a score is put together from."""

    table: pd.DataFrame
    """One row per part: what, number, weight, product."""
    level: Level


def _score(evidence: "Evidence", region_id: str, name: str) -> Working:
    field = field_of(evidence)
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status",))
    dimension = _dimension_of(field, name)
    value = field.score(region_id, dimension)
    parts = _parts(field, region_id, dimension)
    numbers, weights = parts.table["number"].to_numpy(), parts.table["weight"].to_numpy()
    if not missing(value) and parts.level.aggregate != "copeland":
        digits = 9 if parts.level.numbers.less_is_better else 12
        value = round(_aggregate(numbers, weights, parts.level.aggregate), digits)
    listing = Listing("what it is put together from", parts.table)
    if missing(value):
        return unknown("too few of its indicators are known", listings=(listing,),
                       settings=SETTINGS)  # fmt: skip
    terms = [f"{said(w)} x {said(n)}" for w, n in zip(weights, numbers, strict=True)]
    word = {"rank_mean": "weighted mean of ranks", "arithmetic": "weighted mean", "sum": "sum"}
    how = word.get(parts.level.aggregate, parts.level.aggregate)
    filled = f"{how} of {len(terms)} numbers = {said(value)}"
    if how in word.values():
        filled = f"{' + '.join(terms)} = {said(value)} ({how})"
    return Working(
        value=value,
        filled=filled,
        listings=(listing,),
        made_of=tuple(parts.table["follow"]),
        settings=SETTINGS,
    )


def _aggregate(numbers: np.ndarray, weights: np.ndarray, how: str) -> float:
    if how == "geometric":
        logarithms = [w * math.log(n) if w else 0.0 for n, w in zip(numbers, weights, strict=True)]
        return math.exp(math.fsum(logarithms)) if (numbers[weights > 0] > 0).all() else 0.0
    if how == "harmonic":
        if (numbers[weights > 0] <= 0).any():
            return 0.0
        return 1.0 / math.fsum(w / n for n, w in zip(numbers, weights, strict=True) if w)
    return math.fsum(numbers * weights)


def _dimension_of(field: Field, name: str) -> str:
    """The dimension a column is about; empty for the total."""
    for dimension in field.framework.dimensions:
        if name in {f"{dimension}_{end}" for end in ("rank", "rank_label", "score", "evidence")}:
            return dimension
    return ""


def _parts(field: Field, region_id: str, dimension: str) -> _Parts:
    """Indicators, or dimensions, with what each counts for."""
    if dimension or field.framework.composite.of == "indicators":
        return _of_indicators(field, region_id, dimension)
    return _of_dimensions(field, region_id)


def _of_indicators(field: Field, region_id: str, dimension: str) -> _Parts:
    level = field.levels[0 if dimension else 1]
    at, rows = field.names.index(region_id), []
    weights = field.matrix.inner_weights if dimension else field.matrix.weights
    for number, spec in enumerate(field.framework.indicators):
        known = field.values[spec.name].notna().any()
        if known and dimension in {"", spec.dimension}:
            normalised = float(field.matrix.normalised[at, number])
            floor = field.framework.floor if level.floored else 0.0
            lifted = floor + (1.0 - floor) * normalised if floor else normalised
            weight = float(weights[at, number])
            rows.append(
                {
                    "part": spec.title,
                    "dimension": spec.dimension,
                    "value": field.value(region_id, spec.name),
                    "number": lifted,
                    "weight": weight,
                    "adds": weight * lifted,
                    "lead": weight * ((len(field.names) + 1) / 2 - lifted),
                    "follow": f"{spec.name}_rank",
                }
            )
    table = pd.DataFrame(rows, columns=[*PART_COLUMNS])
    if field.framework.normalise != "competition_rank" or level.aggregate != "rank_mean":
        table = table.drop(columns="lead")  # the middle place is the middle of ranks only
    return _Parts(table, level)


PART_COLUMNS: Final = ("part", "dimension", "value", "number", "weight", "adds", "lead", "follow")


def _of_dimensions(field: Field, region_id: str) -> _Parts:
    level, at, rows = field.levels[1], field.names.index(region_id), []
    numbers = field.dimension_numbers()
    for where, dimension in enumerate(field.framework.dimensions):
        group = [n for n, spec in enumerate(field.framework.indicators)
                 if spec.dimension == dimension]  # fmt: skip
        if not field.values.iloc[:, group].notna().any().any():
            continue
        inner = float(field.matrix.inner_weights[at, group].sum())
        weight = float(field.matrix.weights[at, group].sum()) / inner if inner else 0.0
        number = float(numbers[at, where])
        floor = field.framework.floor if level.floored else 0.0
        number = floor + (1.0 - floor) * number if floor else number
        value = float(field.matrix.dimension_score[at, where])
        rows.append({"part": dimension, "dimension": dimension, "value": value, "number": number,
                     "weight": weight, "adds": weight * number,
                     "follow": f"{dimension}_score"})  # fmt: skip
    columns = [name for name in PART_COLUMNS if name != "lead"]
    return _Parts(pd.DataFrame(rows, columns=columns), level)


def _rank(evidence: "Evidence", region_id: str, name: str) -> Working:
    field = field_of(evidence)
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status",))
    dimension = _dimension_of(field, name)
    scores = [field.score(other, dimension) for other in field.names]
    less = field.levels[0 if dimension else 1].result.less_is_better
    own = scores[field.names.index(region_id)]
    score_name = f"{dimension}_score" if dimension else "mean_rank"
    if missing(own):
        return unknown("it is not scored: too few of its indicators are known",
                       made_of=(score_name,), settings=SETTINGS)  # fmt: skip
    place, shared = place_among(own, scores, less=less)
    others = [one for one in shared if one != field.names.index(region_id)]
    tied = [field.names[one] for one in others]
    label = f"{place}=" if tied else str(place)
    filled = (
        f"1 + {place - 1} clusters with a {'lesser' if less else 'greater'} score than "
        f"{said(own)} = {label}"
    )
    filled += f"; shared with {', '.join(tied)}" if tied else ""
    return Working(
        value=label if name.endswith("rank_label") else place,
        filled=filled,
        listings=(Listing("all clusters by this score", _order(field, scores, less=less)),),
        made_of=(score_name,),
        settings=SETTINGS,
    )


def _order(field: Field, scores: list[float], *, less: bool) -> pd.DataFrame:
    rows = []
    for name, score in zip(field.names, scores, strict=True):
        place = None if missing(score) else place_among(score, scores, less=less)[0]
        rows.append({"region_id": name, "name": field.titles[name], "score": score, "rank": place})
    table = pd.DataFrame(rows).astype({"rank": "Int64"})
    return table.sort_values(["rank", "region_id"], ignore_index=True)


def _indicator_rank(evidence: "Evidence", region_id: str, name: str) -> Working:
    field = field_of(evidence)
    indicator = name.removesuffix("_rank")
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status", indicator))
    table = field.ranks(indicator)
    place, value = int(table["place"][region_id]), table["value"][region_id]
    rank = float(table["rank"][region_id])
    n, m = len(table), int(table["value"].notna().sum())
    listing = Listing("all clusters by this indicator", table.reset_index())
    more: dict[str, Any] = {"listings": (listing,), "made_of": (indicator,), "settings": SETTINGS}
    if not m:
        return unknown("no cluster has this indicator", **more)
    behind = place - 1
    filled = f"1 + {behind} clusters that are better = {place} of {m} known"
    if missing(float(value)):
        filled = f"not known here: the place behind all {m} that are, {m + 1}"
    if m < n:
        filled += f"; rescaled by N / (m + 1) = {n} / {m + 1}: {said(rank)}"
    tied = [one for one in table.index[table["place"] == place] if one != region_id]
    filled += f"; shared with {', '.join(tied)}" if tied else ""
    return Working(value=rank, filled=filled, **more)


def _missing_count(evidence: "Evidence", region_id: str, _name: str) -> Working:
    field = field_of(evidence)
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status",))
    row = {str(one): field.value(region_id, str(one)) for one in field.values}
    absent = [one for one, value in row.items() if math.isnan(value)]
    return Working(
        value=len(absent),
        filled=f"{len(absent)} of {len(row)} indicators: {', '.join(absent) or 'none'}",
        made_of=tuple(absent),
        settings=SETTINGS,
    )


def _note(evidence: "Evidence", region_id: str, _name: str) -> Working:
    field = field_of(evidence)
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status",))
    told = []
    for dimension in field.framework.dimensions:
        part = [spec.name for spec in field.framework.indicators if spec.dimension == dimension]
        known = sum(not math.isnan(field.value(region_id, one)) for one in part)
        if known < (field.framework.min_share - SHARE_SLACK) * len(part):
            words = dimension.replace("_", " ")
            told.append(f"{words} not scored: {known} of {len(part)} indicators known")
    filled = "; ".join(told) or "every dimension is scored: nothing to note"
    return Working(value="; ".join(told) or None, filled=filled, made_of=("missing_count",),
                   settings=("scoring.min_share",))  # fmt: skip


def _evidence(evidence: "Evidence", region_id: str, name: str) -> Working:
    """Which ranks rest on thin or missing values, and for how much of their weight."""
    field = field_of(evidence)
    if region_id not in field.names:
        return unknown(NOT_RANKED, made_of=("status",))
    table = _weak(evidence, field, region_id, _dimension_of(field, name))
    listed = ";".join(table["indicator"][table["thin"]])
    follow = tuple(f"{one}_evidence" for one in table["indicator"] if field.flagged(one))
    listing = Listing("indicators", table)
    more: dict[str, Any] = {"listings": (listing,), "made_of": follow,
            "settings": ("indicators.min_evidence", *SETTINGS)}  # fmt: skip
    if name == "thin":
        return Working(value=listed or None, filled=listed or "none is thin", **more)
    total = math.fsum(table["weight"])
    if total <= 0:
        return unknown("no cluster has any of these indicators", **more)
    weak = math.fsum(table["weight"][table["thin"] | table["missing"]]) / total
    value = "thin" if weak >= THIN_SHARE - SLACK else "ample"
    filled = f"{said(weak)} of the weight is thin or missing; from 1/3 on it is thin: {value}"
    return Working(value=value, filled=filled, **more)


def _weak(evidence: "Evidence", field: Field, region_id: str, dimension: str) -> pd.DataFrame:
    at, rows = field.names.index(region_id), []
    for number, spec in enumerate(field.framework.indicators):
        if dimension and spec.dimension != dimension:
            continue
        given = spec.weight if dimension else float(field.matrix.weights[at, number])
        known = bool(field.values[spec.name].notna().any())
        flag = evidence.value(region_id, f"{spec.name}_evidence")
        rows.append(
            {
                "indicator": spec.name,
                "weight": given if known else 0.0,
                "thin": flag == "thin",
                "missing": math.isnan(field.value(region_id, spec.name)),
            }
        )
    return pd.DataFrame(rows)


def workers(evidence: "Evidence") -> dict[str, Worker]:
    """Workers of the columns that this framework has."""
    framework = evidence.framework
    found: dict[str, Worker] = {
        "rank": _rank,
        "rank_label": _rank,
        "mean_rank": _score,
        "score": _score,
        "missing_count": _missing_count,
        "scoring_note": _note,
        "note": _note,
        "thin": _evidence,
        "evidence": _evidence,
    }
    for dimension in framework.dimensions:
        found[f"{dimension}_rank"] = found[f"{dimension}_rank_label"] = _rank
        found[f"{dimension}_score"] = _score
        found[f"{dimension}_evidence"] = _evidence
    return found | {f"{spec.name}_rank": _indicator_rank for spec in framework.indicators}
