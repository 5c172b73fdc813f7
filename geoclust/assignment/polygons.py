"""Polygons that somebody drew, checked: each valid, named, and where the map is cut, cut alike.

What is wrong with a file is told whole: every faulty feature with its number, its name and where.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.assignment.partition import free_id
from geoclust.errors import InputError
from geoclust.gazetteer.folding import fold_texts
from geoclust.sphere import Floats

ID_COLUMNS: Final = ("region_id", "id", "code", "fid_1", "nuts_id", "lau_id", "gid", "geoid")
NAME_COLUMNS: Final = (
    "name",
    "region_name",
    "label",
    "nuts_name",
    "name_latn",
    "title",
    "efua_name",
)
GRID: Final = 10_000_000
"""Corners are compared to 1e-7 degree, about a centimetre."""

FULL_TURN: Final = 360.0
HALF_TURN: Final = 180.0
MOST_TOLD: Final = 20
"""Faulty features listed one by one; the rest are counted."""

Geometry = Any


@dataclass(frozen=True, eq=False)
class Polygons:
    """Checked polygons.

    Attributes
    ----------
    table
        Index: place of each polygon; `feature` (number in the file, from 1), `region_id` (empty:
        named after its records), `name` (missing: the same), `geometry` (degrees, valid).
    remarks
        Sentences on what was found and done.
    """

    table: pd.DataFrame
    remarks: tuple[str, ...] = field(default=())


def check_polygons(
    features: pd.DataFrame,
    *,
    file: str,
    id_column: str = "",
    name_column: str = "",
    repair: bool = False,
    duplicates: str = "refuse",
) -> Polygons:
    """Check polygons of a file, name them, and refuse what nobody could understand.

    Parameters
    ----------
    features
        One row per feature: `geometry` (shapely, degrees, None where missing) and attributes as
        text.
    file
        Name for messages.
    id_column, name_column
        Attributes that hold ids and names; those usual in such files where empty.
    repair
        Mend invalid polygons, and say so, instead of refusing them.
    duplicates
        Of features with one id: "refuse", "join" (parts of one region), or "apart" (a region that
        was cut: the largest keeps the id).

    Raises
    ------
    InputError
        With every fault: no polygon at all, shapes that are none, invalid ones, ids that recur,
        columns that are not there.
    """
    table = features.reset_index(drop=True)
    table.insert(0, "feature", np.arange(1, len(table) + 1))
    column = {
        "region_id": _column(table, id_column, ID_COLUMNS, file),
        "name": _column(table, name_column, NAME_COLUMNS, file),
    }
    table["name"] = table[column["name"]].str.strip() if column["name"] else pd.Series(dtype="str")
    table["label"] = _labels(table, column["region_id"])
    table, remarks = _without_empty(table, file)
    faults = _not_polygons(table)
    table["geometry"] = [_unrolled(one) for one in table["geometry"]]
    table["geometry"], mended = _valid(table, faults, repair=repair)
    if faults:
        raise InputError(_told(faults, file, repair=repair))
    table["geometry"] = [_cut_at_meridian(one) for one in table["geometry"]]
    table["region_id"] = _ids(table, column["region_id"], column["name"])
    table = _told_apart(table, file, duplicates, remarks)
    columns = ["feature", "region_id", "name", "geometry"]
    return Polygons(table[columns].reset_index(drop=True), (*remarks, *mended))


def _column(table: pd.DataFrame, wanted: str, usual: tuple[str, ...], file: str) -> str:
    """Name of the column asked for, or of one of the usual ones; empty where there is none."""
    names = [str(name) for name in table.columns if name not in {"geometry", "feature"}]
    if wanted and wanted not in names:
        raise InputError(
            f"{file}: has no column {wanted!r}; there are {', '.join(names) or 'none'}"
        )
    folded = {name.casefold(): name for name in reversed(names)}
    return wanted or next((folded[name] for name in usual if name in folded), "")


def _labels(table: pd.DataFrame, id_column: str) -> list[str]:
    """How messages call each feature."""
    ids = table[id_column] if id_column else pd.Series(np.nan, index=table.index)
    return [
        f"feature {feature}"
        + (
            f" ({next(v for v in (a, b) if isinstance(v, str))})"
            if isinstance(a, str) or isinstance(b, str)
            else ""
        )
        for feature, a, b in zip(table["feature"], ids, table["name"], strict=True)
    ]


def _without_empty(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    import shapely  # noqa: PLC0415 - heavy

    shapes = table["geometry"].to_numpy(dtype=object)
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    remarks = []
    if empty.any():
        told = ", ".join(table.loc[empty, "label"].head(MOST_TOLD))
        count = int(empty.sum())
        remarks.append(f"{count} of its features {_have(count)} no geometry, left out: {told}")
    if empty.all():
        raise InputError(f"{file}: holds no polygon ({len(table)} features, none with geometry)")
    return table[~empty].copy(), remarks


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _not_polygons(table: pd.DataFrame) -> list[str]:
    import shapely  # noqa: PLC0415 - heavy

    kinds = shapely.get_type_id(table["geometry"].to_numpy(dtype=object))
    strange = ~np.isin(kinds, (3, 6))
    return [
        f"{label} is a {shape.geom_type}, wanted a polygon"
        for label, shape in zip(
            table.loc[strange, "label"], table.loc[strange, "geometry"], strict=True
        )
    ]


def _valid(
    table: pd.DataFrame, faults: list[str], *, repair: bool
) -> tuple[list[Geometry], list[str]]:
    """Geometries, mended where that was asked for; faults are added to the list."""
    import shapely  # noqa: PLC0415 - heavy

    found, remarks = [], []
    for label, shape in zip(table["label"], table["geometry"], strict=True):
        if shapely.is_valid(shape) or shape.geom_type not in {"Polygon", "MultiPolygon"}:
            found.append(shape)
            continue
        why = str(shapely.is_valid_reason(shape))
        whole = _areas(shapely.make_valid(shape, method="structure", keep_collapsed=False))
        found.append(whole)
        if not repair:
            faults.append(f"{label} is not valid: {_where(why)}")
        elif whole.is_empty:
            faults.append(
                f"{label} is not valid and nothing is left when it is mended: {_where(why)}"
            )
        else:
            remarks.append(f"{label} was not valid ({_where(why)}) and has been mended")
    return found, remarks


def _where(reason: str) -> str:
    """GEOS's reason with its place in words."""
    match = re.fullmatch(r"(.*)\[(\S+) (\S+?)\]", reason)
    if match is None:
        return reason.lower()
    return f"{match[1].strip().lower()} at longitude {match[2]}, latitude {match[3]}"


def _areas(shape: Geometry) -> Geometry:
    import shapely  # noqa: PLC0415 - heavy

    parts = [
        inner
        for part in shapely.get_parts(shape)
        for inner in shapely.get_parts(part)
        if inner.geom_type == "Polygon" and inner.area > 0
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _told(faults: list[str], file: str, *, repair: bool) -> str:
    more = [f"and {len(faults) - MOST_TOLD} more"] if len(faults) > MOST_TOLD else []
    lines = "".join(f"\n  - {fault}" for fault in [*faults[:MOST_TOLD], *more])
    hint = (
        ""
        if repair or not any("not valid" in fault for fault in faults)
        else "\nMend them where they were drawn (in QGIS: Vector, Geometry Tools, Fix Geometries), "
        "or set repair = true in [boundaries]"
    )
    noun = "fault" if len(faults) == 1 else "faults"
    return f"{file}: {len(faults)} {noun}{lines}{hint}"


def _cut_at_meridian(shape: Geometry) -> Geometry:
    """The polygon with longitudes from -180 to 180, cut at the 180th meridian where it crosses it.

    An edge of more than half a turn, and less than a whole one, is taken for one across that
    meridian; longitudes beyond 180 are wrapped.
    """
    import shapely  # noqa: PLC0415 - heavy

    parts = shapely.get_parts(shape)
    bounds = np.array([part.bounds for part in parts])
    if bounds[:, 0].min() >= -HALF_TURN and bounds[:, 2].max() <= HALF_TURN:
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    windows = [
        (
            turn * FULL_TURN,
            shapely.box(turn * FULL_TURN - HALF_TURN, -90, turn * FULL_TURN + HALF_TURN, 90),
        )
        for turn in range(-2, 3)
    ]
    cut = [
        shapely.transform(part.intersection(window), lambda xy, by=by: xy - [by, 0.0])
        for part in parts
        for by, window in windows
        if part.intersects(window)
    ]
    return _areas(shapely.union_all(cut))


def _unrolled(shape: Geometry) -> Geometry:
    """The polygons of a shape with rings that never jump over the 180th meridian.

    What is no polygon is left as it is.
    """
    import shapely  # noqa: PLC0415 - heavy

    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return shape
    if not _jumps(shapely.get_coordinates(shape)).any():
        return shape
    parts = [_unrolled_part(part) for part in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _unrolled_part(polygon: Geometry) -> Geometry:
    import shapely  # noqa: PLC0415 - heavy

    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    if not any(_jumps(ring).any() for ring in rings):
        return polygon
    shell = _without_jumps(rings[0])
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    holes = []
    for ring in map(_without_jumps, rings[1:]):
        turns = np.round((middle - ring[:, 0].mean()) / FULL_TURN)
        holes.append(ring + np.array([turns * FULL_TURN, 0.0]))
    return shapely.Polygon(shell, holes)


def _jumps(ring: Floats) -> np.ndarray:
    step = np.abs(np.diff(ring[:, 0]))
    return np.asarray((step > HALF_TURN) & (step < FULL_TURN - 1e-9))


def _without_jumps(ring: Floats) -> Floats:
    step = np.diff(ring[:, 0])
    turns = np.where(_jumps(ring), -np.sign(step), 0.0)
    shifted = ring.copy()
    shifted[1:, 0] += FULL_TURN * np.cumsum(turns)
    return shifted


def _ids(table: pd.DataFrame, id_column: str, name_column: str) -> list[str]:
    """Ids in lower-case ASCII, after the id or else the name; empty where there is neither."""
    texts = pd.Series("", index=table.index, dtype="str")
    for column in (name_column, id_column):  # the id last: it counts before the name
        if column:
            given = table[column].str.strip()
            texts = texts.where(given.isna() | (given == ""), given)
    return [slug(text) for text in texts]


def slug(text: str) -> str:
    """A text as an id: lower-case ASCII letters, digits, dots, dashes.

    Examples
    --------
    >>> slug("Île-de-France"), slug("UKI31"), slug("gb-oxford"), slug("!")
    ('ile-de-france', 'uki31', 'gb-oxford', '')
    """
    plain = re.sub(
        r"[^a-z0-9._-]+", "-", fold_texts([text])[0] if not text.isascii() else text.lower()
    )
    return plain.strip("-._")[:120]


def _told_apart(
    table: pd.DataFrame, file: str, duplicates: str, remarks: list[str]
) -> pd.DataFrame:
    """One row per region: features with one id joined or given ids of their own."""
    named = table["region_id"] != ""
    again = named & table["region_id"].duplicated(keep=False)
    nameless = int((~named).sum())
    if nameless:
        remarks.append(
            f"{nameless} of its polygons {_have(nameless)} neither id nor name: called after the "
            "place of their records"
        )
    if not again.any():
        return table
    ids = table.loc[again, "region_id"]
    told = ", ".join(
        f"{one} (features {', '.join(map(str, table.loc[ids.index[ids == one], 'feature']))})"
        for one in ids.unique()[:MOST_TOLD]
    )
    if duplicates == "refuse":
        raise InputError(
            f"{file}: several polygons have one id: {told}. If they are parts of one region, set "
            'duplicates = "join" in [boundaries]; if each is a region, duplicates = "apart"'
        )
    if duplicates == "join":
        remarks.append(f"polygons with one id are one region: {told}")
        return _joined(table, again)
    remarks.append(f"polygons with one id are regions of their own: {told}; the largest keeps it")
    return _apart(table, again)


def _joined(table: pd.DataFrame, again: pd.Series) -> pd.DataFrame:
    import shapely  # noqa: PLC0415 - heavy

    first = table[again].groupby("region_id", sort=False).head(1).copy()
    for at, region_id in first["region_id"].items():
        own = table.loc[again & (table["region_id"] == region_id), "geometry"]
        first.at[at, "geometry"] = _areas(shapely.union_all(list(own)))
    return pd.concat([table[~again], first]).sort_values("feature")


def _apart(table: pd.DataFrame, again: pd.Series) -> pd.DataFrame:
    import shapely  # noqa: PLC0415 - heavy

    table = table.copy()
    taken = set(table["region_id"])
    size = shapely.area(table["geometry"].to_numpy(dtype=object))
    order = table.assign(size=size)[again].sort_values(["size", "feature"], ascending=[False, True])
    for at in order.index[order["region_id"].duplicated()]:
        fresh = free_id(str(table.at[at, "region_id"]), taken)
        taken.add(fresh)
        table.at[at, "region_id"] = fresh
    return table
