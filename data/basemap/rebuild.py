"""Rebuild `geoclust/report/assets/outlines.geojson` from Natural Earth.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python data/basemap/rebuild.py package/countries-50m.json

Shared arcs are simplified once, so that neighbours still meet; polygons over the antimeridian or
round a pole are repaired by the package antimeridian.  The result is the same for the same input.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import antimeridian
import shapely
from shapely.geometry import mapping
from shapely.ops import polylabel

ORIGIN_SHA256 = "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394"
TOLERANCE = 0.03  # degrees, about 3 km: a third of the usual reach of a region
SMALLEST = 0.001  # square degrees, about 12 km2; smaller islands are left out
DECIMALS = 2
HALF_TURN = 180  # degrees; a longer step has crossed the antimeridian
POLE = -89.9  # degrees; a ring wholly south of it only marks the pole
RING = 4  # points of the smallest ring
ASSETS = Path(__file__).parents[2] / "geoclust" / "report" / "assets"

Ring = list[tuple[float, float]]


def main(source: str) -> None:
    """Check the origin, simplify, repair, write."""
    content = Path(source).read_bytes()
    checksum = hashlib.sha256(content).hexdigest()
    if checksum != ORIGIN_SHA256:
        sys.exit(f"{source}: sha256 {checksum}, not that of world-atlas 2.0.2 countries-50m.json")
    topology = json.loads(content)
    arcs = [simplified(line) for line in decoded(topology)]
    countries = topology["objects"]["countries"]["geometries"]
    features = [
        feature("land", land(countries, arcs)),
        feature("borders", borders(countries, arcs)),
        *labels(countries, arcs),
    ]
    target = ASSETS / "outlines.geojson"
    target.write_text(as_text(features), encoding="utf-8")
    print(f"{target.name}: {target.stat().st_size:,} bytes, {len(features) - 2} names")


def decoded(topology: dict) -> Iterator[Ring]:
    """Arcs in degrees, from delta-coded whole numbers."""
    (scale_x, scale_y), (shift_x, shift_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + shift_x, y * scale_y + shift_y))
        yield line


def simplified(line: Ring) -> Ring:
    """The arc with its ends kept; arcs that cross the antimeridian are left as they are."""
    jumps = any(abs(a[0] - b[0]) > HALF_TURN for a, b in pairwise(line))
    if jumps or len(line) < RING - 1:
        return line
    return list(shapely.LineString(line).simplify(TOLERANCE).coords)


def stitched(ring: list[int], arcs: list[Ring]) -> Ring:
    """A ring from its arcs; a negative number is an arc walked backwards."""
    points: Ring = []
    for index in ring:
        line = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += line[1:] if points else line
    return points


def polygons_of(country: dict, arcs: list[Ring]) -> Iterator[list[Ring]]:
    """Shell and holes of each part; a ring along the pole itself only marks what is inside."""
    shapes = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    for shape in shapes:
        rings = [stitched(ring, arcs) for ring in shape]
        rings = [ring for ring in rings if len(ring) >= RING and max(y for _, y in ring) > POLE]
        if rings:
            yield rings


def country_polygon(country: dict, arcs: list[Ring]) -> shapely.Geometry:
    """One country, split at the antimeridian, without specks."""
    parts = []
    for shell, *holes in polygons_of(country, arcs):
        repaired = shapely.make_valid(repair(shell, holes))
        parts += [
            part
            for part in shapely.get_parts(repaired)
            if part.geom_type == "Polygon" and part.area >= SMALLEST
        ]
    return shapely.set_precision(shapely.union_all(parts), 10**-DECIMALS)


def repair(shell: Ring, holes: list[Ring]) -> shapely.Geometry:
    """The polygon within -180 to 180; Antarctica goes round the pole."""
    steps = [b[0] - a[0] for a, b in pairwise(shell)]
    if all(abs(step) <= HALF_TURN for step in steps):
        return shapely.Polygon(shell, holes)
    turns = sum((step + HALF_TURN) % 360 - HALF_TURN for step in steps)
    if abs(turns) < HALF_TURN:
        return antimeridian.fix_polygon(shapely.Polygon(shell, holes), fix_winding=True)
    westward = shell if turns < 0 else shell[::-1]
    start = min(range(len(westward)), key=lambda i: -westward[i][0])
    coast = westward[start:-1] + westward[:start]
    east, west = coast[0], coast[-1]
    return shapely.Polygon([(180, east[1]), *coast, (-180, west[1]), (-180, -90), (180, -90)])


def land(countries: list[dict], arcs: list[Ring]) -> shapely.Geometry:
    """All countries as one shape."""
    parts = [country_polygon(one, arcs) for one in countries]
    return shapely.union_all(parts, grid_size=10**-DECIMALS)


def borders(countries: list[dict], arcs: list[Ring]) -> shapely.Geometry:
    """Arcs that two countries share."""
    uses: dict[int, set[int]] = {}
    for number, country in enumerate(countries):
        shapes = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        for index in (i for shape in shapes for ring in shape for i in ring):
            uses.setdefault(index if index >= 0 else ~index, set()).add(number)
    shared = [shapely.LineString(arcs[i]) for i in sorted(uses) if len(uses[i]) > 1]
    return shapely.line_merge(shapely.union_all(shared))


def labels(countries: list[dict], arcs: list[Ring]) -> Iterator[dict]:
    """A point well inside the largest part of each country, larger countries first."""
    found = []
    for country in countries:
        parts = shapely.get_parts(country_polygon(country, arcs))
        if len(parts) == 0:
            continue
        largest = max(parts, key=lambda part: part.area)
        name = country["properties"]["name"]
        found.append((round(largest.area, 1), name, polylabel(largest, 0.1)))
    for area, name, point in sorted(found, key=lambda row: (-row[0], row[1])):
        yield feature("label", point, name=name, area=area)


def feature(what: str, geometry: shapely.Geometry, **properties: object) -> dict:
    """A GeoJSON feature of a kind, with properties."""
    return {
        "type": "Feature",
        "properties": {"what": what, **properties},
        "geometry": rounded(mapping(geometry)),
    }


def rounded(geometry: dict) -> dict:
    """The geometry with short numbers."""

    def walk(value: object) -> object:
        if isinstance(value, float):
            short = round(value, DECIMALS)
            return int(short) if short == int(short) else short
        return [walk(part) for part in value]  # type: ignore[attr-defined]

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


def as_text(features: list[dict]) -> str:
    """One feature a line, so that a change can be read."""
    rows = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return '{"type":"FeatureCollection","features":[\n' + rows + "\n]}\n"


if __name__ == "__main__":
    main(sys.argv[1])
