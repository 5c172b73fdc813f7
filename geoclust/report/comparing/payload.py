"""What the comparison's script needs, as compact plain values: one row per region, both shapes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.comparing.figures import positions
from geoclust.report.comparing.words import FATE_WORDS, names_of, plain_dicts, story
from geoclust.report.manifest import plain
from geoclust.report.payload import region_shapes
from geoclust.report.words import STATUS_WORDS, country_words, text_or

if TYPE_CHECKING:
    from geoclust.comparison import Comparison


def comparison_data(found: "Comparison") -> dict[str, Any]:
    """Everything the page's script draws and shows.

    Parameters
    ----------
    found
        The comparison; left unchanged.

    Returns
    -------
    dict
        `regions`, one per row of `fates`, each with its `sides` (parts of `regions_a` and
        `regions_b`, by number, -1 for none), and what the shared scripts ask for.
    """
    shapes = {"a": _outlines(found.a.regions), "b": _outlines(found.b.regions)}
    place = {end: {r: n for n, r in enumerate(side.regions.index)} for end, side in _sides(found)}
    rows = plain_dicts(found.fates)
    at = positions(found)[["longitude", "latitude"]].to_numpy().round(4).tolist()
    names = names_of(found)
    regions = [
        _row(row, number, at[number], names)
        | {f"in_{end}": place[end].get(row[f"region_{end}"], -1) for end in "ab"}
        for number, row in enumerate(rows)
    ]
    codes = {row["country"] for row in rows if isinstance(row["country"], str)}
    return {
        "study": f"{found.a.name} and {found.b.name}",
        "names": {"a": found.a.name, "b": found.b.name},
        "fates": FATE_WORDS,
        "indicators": [],
        "dimensions": [],
        "countries": {code: country_words(code) for code in sorted(codes)},
        "regions": regions,
        "shapes": shapes,
    }


def _sides(found: "Comparison") -> list[tuple[str, Any]]:
    return [("a", found.a), ("b", found.b)]


def _outlines(regions: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a GeoDataFrame
    shapes = region_shapes(regions)
    names = regions["name"]
    return [{"name": name, **shape} for name, shape in zip(names, shapes, strict=True)]


def row_id(row: Mapping[str, Any], number: int) -> str:
    """What the address of the page calls a row: B's region, or A's where it is gone."""
    if isinstance(row["region_b"], str):
        return str(row["region_b"])
    return f"{row['region_a']} (A)" if isinstance(row["region_a"], str) else str(number)


def _row(
    row: dict[str, Any], number: int, at: list[float], names: dict[str, str]
) -> dict[str, Any]:
    facts = {
        name: plain(row[name])
        for end in "ab"
        for name in (f"weight_{end}", f"rank_{end}", *(f"{end}_{way}" for way in WAYS))
    }
    verdicts = {f"status_{e}": STATUS_WORDS.get(text_or(row[f"status_{e}"]), "") for e in "ab"}
    return {
        "id": row_id(row, number),
        "name": row["name"],
        "country": None if pd.isna(row["country"]) else row["country"],
        "fate": row["fate"],
        "story": story(row, names),
        "at": at,
        "members": plain(row["jaccard_members"]),
        "ground": plain(row["jaccard_footprints"]),
        "polygons": [],
        **facts,
        **verdicts,
    }


WAYS = ("same", "others", "none", "absent")
