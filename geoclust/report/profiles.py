"""One profile per region: what its card on the page shows, as short as it can be sent.

What every region has alike (names of tests, bars, criteria, indicators) is sent once, in
`shared_words`; a profile holds lists in the same order.
"""

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.catalogue import INDICATORS
from geoclust.report.manifest import plain
from geoclust.report.words import (
    NO_BREAK,
    THIN,
    capital,
    label_of,
    spaced,
    style_of,
    text_or,
    unit_of,
)

if TYPE_CHECKING:
    from geoclust.study import Study

MOST_PARTNERS: Final = 6
"""Partner regions named on a card."""

Row = dict[str, Any]


def region_profiles(study: "Study") -> list[Row]:
    """Profiles in the order of `study.regions`, as plain values."""
    judged = rows_by_region(study.classification.table)
    measured = rows_by_region(study.indicators)
    ranks = _ranks(study)
    lists = {
        "tests": _lists(study.classification.tests, ("value", "passed", "margin")),
        "criteria": _lists(study.classification.criteria, ("value", "share", "missing")),
        "pulls": _pulls(study),
        "partners": _partners(study),
    }
    names = shown_indicators(study)
    return [
        {
            **_facts(str(region_id), region),
            **_verdict(judged[region_id]),
            **_measured(measured[region_id], names),
            **ranks.get(region_id, {}),
            "brief": _brief(text_or(study.briefs.get(region_id))),
            **{name: rows.get(region_id, []) for name, rows in lists.items()},
        }
        for region_id, region in rows_by_region(study.regions.drop(columns="geometry")).items()
    ]


def shared_words(study: "Study") -> Row:
    """Names in the order of the profiles' lists: indicators, tests with bars, criteria."""
    tests = study.classification.tests.drop_duplicates("test")
    criteria = study.classification.criteria.drop_duplicates("criterion")
    scored = {spec.name: spec.dimension for spec in study.scores.framework.indicators}
    directions = {spec.name: spec.direction for spec in study.scores.framework.indicators}
    return {
        "indicators": [
            {
                "name": name,
                "label": label_of(name),
                "unit": unit_of(name),
                "style": style_of(name),
                "formula": INDICATORS[name].formula if name in INDICATORS else "",
                "dimension": scored.get(name, ""),
                "less": directions.get(name, 1) < 0,
            }
            for name in shown_indicators(study)
        ],
        "tests": [
            {"label": capital(str(test)), "bar": plain(bar)}
            for test, bar in zip(tests["test"], tests["bar"], strict=True)
        ],
        "criteria": [
            {"label": capital(spaced(str(name))), "target": plain(target)}
            for name, target in zip(criteria["criterion"], criteria["target"], strict=True)
        ],
    }


def shown_indicators(study: "Study") -> list[str]:
    """Scored indicators first, by dimension, then the other known ones that were measured."""
    scored = [spec.name for spec in study.scores.framework.indicators]
    rest = [name for name in INDICATORS if name not in scored]
    return [name for name in (*scored, *rest) if name in study.indicators]


def rows_by_region(table: pd.DataFrame) -> dict[str, Row]:
    """Rows of a table indexed by region, as dictionaries; cells as they are.

    Examples
    --------
    >>> rows_by_region(pd.DataFrame({"x": [1]}, index=["gb-delft"]))
    {'gb-delft': {'x': 1}}
    """
    names = [str(name) for name in table.columns]
    cells = zip(*(table[name].tolist() for name in table.columns), strict=True)
    ids = (str(region_id) for region_id in table.index)
    if not names:
        return {region_id: {} for region_id in ids}
    return {
        region_id: dict(zip(names, row, strict=True))
        for region_id, row in zip(ids, cells, strict=True)
    }


def _facts(region_id: str, region: Row) -> Row:
    """Name, place and size."""
    countries = text_or(region["countries"]).split(";")
    return {
        "id": region_id,
        "name": text_or(region["name"], region_id),
        "country": text_or(region["country"]),
        "countries": [code.strip() for code in countries if code],
        "at": [_degrees(region, "longitude"), _degrees(region, "latitude")],
        "weight": short_value(region["weight"]),
        "records": plain(region["record_count"]),
        "locations": plain(region["location_count"]),
        "persistence": short_value(region["persistence"]),
        "extent_km": short_value(region["extent_km"]),
    }


def _degrees(region: Row, axis: str) -> float:
    label = region.get(f"label_{axis}")
    return round(float(region[axis] if label is None or pd.isna(label) else label), 4)


def _brief(text: str) -> list[str]:
    """Paragraphs of a brief, with amounts that do not break over lines."""
    unbroken = text.replace(" %", f"{THIN}%").replace("USD ", f"USD{NO_BREAK}")
    return [line for line in unbroken.split("\n") if line]


def _verdict(judged: Row) -> Row:
    return {
        "status": str(judged["status"]),
        "tier": plain(judged["tier"]),
        "undetermined": bool(judged["undetermined"]),
    }


def _measured(row: Row, names: list[str]) -> Row:
    """Values in the order of `names`; intervals and thin evidence by the name's place there."""
    intervals = {
        place: [short_value(row[f"{name}_low"]), short_value(row[f"{name}_high"])]
        for place, name in enumerate(names)
        if f"{name}_low" in row and not pd.isna(row[f"{name}_low"])
    }
    thin = [
        place for place, name in enumerate(names) if text_or(row.get(f"{name}_evidence")) == "thin"
    ]
    return {
        "values": [short_value(row[name]) for name in names],
        "intervals": intervals,
        "thin": thin,
        "estimated": plain(row.get("gdp_estimated")) is True,
    }


def short_value(value: Any) -> Any:  # noqa: ANN401 - a cell may hold anything
    """One cell as JSON has it, floats with four significant digits."""
    found = plain(value)
    if not isinstance(found, float):
        return found
    return int(found) if found.is_integer() and abs(found) < 1e15 else float(f"{found:.4g}")  # noqa: PLR2004 - exact in JSON


def _ranks(study: "Study") -> dict[str, Row]:
    """Ranks of the clusters; the shadow rank of the quasi-clusters; the gap of what is below."""
    found: dict[str, Row] = {}
    for region_id, row in rows_by_region(study.shadow.table).items():
        found[region_id] = {"shadow": text_or(row["rank_label"])}
    for region_id, row in rows_by_region(study.scores.table).items():
        labels = {
            name.removesuffix("_rank_label"): text_or(label)
            for name, label in row.items()
            if name.endswith("_rank_label")
        }
        found[region_id] = {"rank": text_or(row["rank_label"]), "dimension_ranks": labels}
    for region_id, row in rows_by_region(study.scores.indicator_ranks).items():
        found[region_id]["indicator_ranks"] = {
            name: short_value(rank) for name, rank in row.items()
        }
    for region_id, row in rows_by_region(study.gaps).items():
        found.setdefault(region_id, {})["gap"] = text_or(row["summary"])
        found[region_id]["survives"] = plain(row["survives"])
        found[region_id]["survival"] = text_or(row["survival"])
    return found


def _pulls(study: "Study") -> dict[str, list[list[Any]]]:
    """By how much each indicator pulls its region up (positive) or down, in mean ranks."""
    table = study.scores.contributions
    return _lists(table[~table["missing"].astype(bool)], ("indicator", "contribution"))


def _lists(table: pd.DataFrame, columns: tuple[str, ...]) -> dict[str, list[list[Any]]]:
    """Cells of a long table by region, row by row."""
    found: dict[str, list[list[Any]]] = {}
    columns_of = (table["region_id"].tolist(), *(table[name].tolist() for name in columns))
    for region_id, *cells in zip(*columns_of, strict=True):
        found.setdefault(str(region_id), []).append([short_value(cell) for cell in cells])
    return found


def _partners(study: "Study") -> dict[str, list[list[Any]]]:
    """The nodes each region has the strongest ties to, with the number of pairs."""
    edges = study.network.edges
    turned = edges.rename(columns={"node_a": "node_b", "node_b": "node_a"})
    both = pd.concat([edges, turned[edges.columns]], ignore_index=True)
    both = both[both["node_a"].isin(study.regions.index)].rename(columns={"node_a": "region_id"})
    both = both.sort_values(["weight", "node_b"], ascending=[False, True], kind="stable")
    strongest = both.groupby("region_id", sort=False).head(MOST_PARTNERS)
    return _lists(strongest, ("node_b", "pair_count"))
