"""What the page's script needs, as compact plain values: regions, records, country outlines.

Coordinates are rounded to what a map shows (1e-4 degree, about 11 m) and footprints thinned by
about 30 m.  The files beside the page carry them in full.
"""

import json
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geoclust.report.cards import card_rows, card_words
from geoclust.report.manifest import plain
from geoclust.report.profiles import region_profiles, shared_words, short_value
from geoclust.report.ties import MOST_DRAWN, Drawn, drawn_ties, region_edges, ties_words
from geoclust.report.words import capital, country_words, dimensions_of, spaced

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from shapely.geometry.base import BaseGeometry

    from geoclust.robustness import Robustness
    from geoclust.sphere import Floats, Ints
    from geoclust.study import Study

THINNING: Final = 0.0003
"""Footprints on the page are thinned by this many degrees, about 30 m."""

STEP: Final = 0.0001
"""Coordinates on the page are whole multiples of this many degrees, about 11 m."""

SEAM: Final = 179.999
"""Outlines at or beyond this longitude are the cut at the antimeridian, not a border."""

MOST_NAMED: Final = 120_000
"""With more records than this, only organisations carry their names into the page, and none ids."""

NEAREST: Final = 3
"""Quasi-clusters named in the opening view as nearest to becoming clusters."""

MOST_SHARED: Final = 35
"""Letters an id may share with the one before it."""


def page_data(study: "Study", *, robustness: "Robustness | None" = None) -> dict[str, Any]:
    """Everything the page's script draws and shows.

    Parameters
    ----------
    study
        The study; left unchanged.
    robustness
        What the experiment on it found, if there was one.

    Returns
    -------
    dict
        `study`, `indicators`, `dimensions`, `countries`, `regions` (in the order of
        `study.regions`), `ties` and `records` (parallel lists).
    """
    cards = card_rows(study, robustness)
    codes = sorted(set(study.inputs.records["country"].dropna()) | _region_countries(study))
    return {
        "study": study.config.name,
        "clusters": int(study.classification.is_cluster.sum()),
        **shared_words(study),
        "dimensions": [
            {"name": name, "label": capital(spaced(name))} for name in dimensions_of(study)
        ],
        "countries": {code: country_words(code) for code in codes},
        **card_words(study, robustness),
        "regions": [
            {**profile, **cards[profile["id"]], **shape}
            for profile, shape in zip(
                region_profiles(study), region_shapes(study.regions), strict=True
            )
        ],
        "nearest": _nearest(study),
        "unnamed": _unnamed(study),
        "ties": [_tie(tie) for tie in drawn_ties(study)],
        "ties_whole": len(region_edges(study)) <= MOST_DRAWN,
        "ties_words": ties_words(study),
        "records": {**_records(study), **_stays(study, robustness)},
    }


def _unnamed(study: "Study") -> str:
    """What the page leaves out of a study too large to carry it; empty where it has all."""
    count = len(study.inputs.records)
    if count <= MOST_NAMED:
        return ""
    return (
        f"Of {count:,} records the page shows every place, but only organisations carry their "
        "names here and none its record_id; records.csv has both."
    )


def _nearest(study: "Study") -> dict[str, Any]:
    """Places of the quasi-clusters that lack least to be clusters, and how many lack no more."""
    quasi = study.classification.is_quasi
    cost = study.gaps["cost"].reindex(study.regions.index)[quasi.reindex(study.regions.index)]
    known = cost.dropna().sort_values(kind="stable")
    level = int((known <= known.iloc[:NEAREST].max()).sum()) if len(known) else 0
    shown = study.regions.index.get_indexer(known.index[:NEAREST]).tolist()
    return {"regions": shown, "more": level - len(shown)}


def _region_countries(study: "Study") -> set[str]:
    listed = study.regions["countries"].dropna().str.split(";").explode()
    return set(listed.str.strip()) - {""}


def region_shapes(regions: "GeoDataFrame") -> list[dict[str, Any]]:
    """Footprints as the page's script draws them, in the order of the regions."""
    return footprint_shapes(list(regions.geometry))


def footprint_shapes(footprints: "list[BaseGeometry]") -> list[dict[str, Any]]:
    """The same of bare footprints."""
    import shapely  # noqa: PLC0415 - heavy

    thin = shapely.simplify(np.array(footprints, dtype=object), THINNING)
    return [_shape(one, full) for one, full in zip(thin, footprints, strict=True)]


def _shape(footprint: "BaseGeometry", full: "BaseGeometry") -> dict[str, Any]:
    """Rings of each part, and the lines to draw where those are not the rings."""
    import shapely  # noqa: PLC0415 - heavy

    usable = full if footprint.is_empty or not footprint.is_valid else footprint
    rings = [[part.exterior, *part.interiors] for part in shapely.get_parts(usable)]
    parts = [[_steps(shapely.get_coordinates(ring)) for ring in part] for part in rings]
    found: dict[str, Any] = {"polygons": [[_differences(ring) for ring in part] for part in parts]}
    west, south, east, north = usable.bounds
    away = max(-west, east) < SEAM - STEP and max(-south, north) < 90 - STEP
    if not (away and all(len(ring) > 1 for part in parts for ring in part)):
        lines = [line for part in parts for ring in part for line in _open_lines(ring.tolist())]
        if len(lines) != sum(map(len, parts)) or any(line[0] != line[-1] for line in lines):
            found["outline"] = [_differences(np.array(line)) for line in lines]
    return {**found, "bounds": _bounds(full)}


def _steps(coordinates: "Floats") -> "Ints":
    """A ring in whole steps of `STEP` degree, without repeated points; shape (n, 2)."""
    points = np.rint(coordinates[:, :2] / STEP).astype(np.int64)
    kept = np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]
    return np.asarray(points[kept])


def _differences(line: "Ints") -> list[int]:
    """The first point, then by how much each next one differs: short to write.

    Examples
    --------
    >>> _differences(np.array([(100, 200), (101, 198)]))
    [100, 200, 1, -2]
    """
    moves: list[int] = np.vstack([line[:1], np.diff(line, axis=0)]).ravel().tolist()
    return moves


def _open_lines(ring: list[list[int]]) -> list[list[list[int]]]:
    """A ring's outline without the pieces along the antimeridian or a pole."""
    lines: list[list[list[int]]] = [[]]
    for start, end in pairwise(ring):
        on_seam = min(abs(start[0]), abs(end[0])) * STEP >= SEAM and start[0] * end[0] > 0
        at_pole = min(abs(start[1]), abs(end[1])) * STEP >= 90  # noqa: PLR2004 - degrees
        if on_seam or at_pole:
            lines.append([])
            continue
        lines[-1] += [end] if lines[-1] else [start, end]
    return [line for line in lines if line]


def _bounds(footprint: "BaseGeometry") -> list[float]:
    """West, south, east, north; east is beyond 180 where the region lies astride it."""
    import shapely  # noqa: PLC0415 - heavy

    parts = shapely.bounds(shapely.get_parts(footprint))
    west, east = parts[:, 0], parts[:, 2]
    if west.min() <= -SEAM and east.max() >= SEAM and len(parts) > 1:
        west, east = np.where(east < 0, west + 360, west), np.where(east < 0, east + 360, east)
    corners = (west.min(), parts[:, 1].min(), east.max(), parts[:, 3].max())
    return [round(float(corner), 4) for corner in corners]


def _records(study: "Study") -> dict[str, Any]:
    """Parallel lists, organisations before patents, each by place."""
    records = study.inputs.records.sort_index()
    numbers = pd.Series(range(len(study.regions)), index=study.regions.index)
    region = study.clustering.region_of.reindex(records.index).map(numbers).fillna(-1)
    named = records["name"].fillna("")
    if len(records) > MOST_NAMED:
        named = named.where(records["kind"] != "patent", "")
    return {
        "x": _scaled(records["longitude"]),
        "y": _scaled(records["latitude"]),
        "kind": "".join(records["kind"].str[0]),
        "simulated": "".join(np.where(records["simulated"], "1", "0")),
        "region": region.astype("int64").tolist(),
        "name": named.tolist(),
        "id": front_coded(list(map(str, records.index))) if len(records) <= MOST_NAMED else [],
        **_towns(records),
    }


def front_coded(ids: list[str]) -> list[str]:
    """Sorted ids, each as what it shares with the one before (a digit to base 36) and the rest.

    Examples
    --------
    >>> front_coded(["firm-001", "firm-002", "lab-1"])
    ['0firm-001', '72', '0lab-1']
    """
    found, before = [], ""
    for one in ids:
        pairs = zip(before[:MOST_SHARED], one, strict=False)
        shared = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        shared = min(len(before), len(one), MOST_SHARED) if shared is None else shared
        found.append(np.base_repr(shared, 36).lower() + one[shared:])
        before = one
    return found


def _towns(records: pd.DataFrame) -> dict[str, Any]:
    """Names of places with their countries, each once, and which one each record has."""
    named = records["place"].notna() & (records["place"] != "")
    pairs = pd.MultiIndex.from_arrays(
        [records["place"].where(named, "").astype(str), records["country"].fillna("").astype(str)]
    )
    codes, towns = pd.factorize(pairs, sort=True)
    if not named.any():
        return {"place": [], "towns": []}
    return {
        "place": np.where(named, codes, -1).tolist(),
        "towns": [[name, country] for name, country in towns],
    }


def _stays(study: "Study", robustness: "Robustness | None") -> dict[str, Any]:
    """Of 100 draws, those in which each record stays where it is; -1 where it never was drawn."""
    if robustness is None:
        return {}
    stays = robustness.records["stays"].reindex(study.inputs.records.sort_index().index)
    return {"stays": (100 * stays).round().fillna(-1).astype("int64").tolist()}


def _tie(tie: Drawn) -> list[Any]:
    lines = [_differences(_steps(np.asarray(line, dtype=np.float64))) for line in tie.lines]
    return [tie.a, tie.b, short_value(tie.weight), tie.pair_count, lines]


def _scaled(degrees: pd.Series) -> list[int]:
    values: list[int] = np.rint(degrees.to_numpy() / STEP).astype("int64").tolist()
    return values


def outlines() -> str:
    """Land, borders and country names as GeoJSON text (Natural Earth, public domain)."""
    return (files("geoclust.report") / "assets" / "outlines.geojson").read_text("utf-8")


def script_json(value: object) -> str:
    r"""JSON that may stand inside a `<script>` element, whatever its texts say.

    Examples
    --------
    >>> script_json({"name": "</script><img>"})
    '{"name":"\\u003c/script\\u003e\\u003cimg\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)
    return script_safe(text.encode("utf-8", errors="backslashreplace").decode())


def script_safe(text: str) -> str:
    """JSON text with every character escaped that HTML could take for markup."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
