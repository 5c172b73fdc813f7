"""The pictures of the site that are kept, made again: `python docs/pictures.py`.

Northwestern Europe of the bundled study as the tables of its run have it, and the page of that run
in a real browser (Debian: chromium), for a light and a dark site.  The diagrams on the pages of the
method are drawn while the site is built.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
from playwright.sync_api import sync_playwright

import geoclust as gc
from geoclust.report.payload import outlines

DOCS = Path(__file__).parent
WINDOW = (3.15e6, 5.05e6, 2.44e6, 3.8e6)
"""West, east, south, north in ETRS89-LAEA (EPSG:3035), metres."""

COLOURS = {
    "light": {"page": "#ffffff", "land": "#ecebe6", "line": "#c9c6bd", "text": "#21262e",
              "noise": "#7d7a72", "none": "#77746c", "quasi-cluster": "#b45f06",
              "cluster": "#1d5b9c"},
    "dark": {"page": "#14181e", "land": "#262c35", "line": "#3c4450", "text": "#e6e9ee",
             "noise": "#8d949e", "none": "#9aa1ab", "quasi-cluster": "#f0a35e",
             "cluster": "#7db6ec"},
}  # fmt: skip
BROWSER = (
    "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--ignore-gpu-blocklist"
)
BESIDE = {
    "gb-glasgow": (-1, 0), "gb-oxford": (-1, 1), "gb-london": (1, -1), "gb-cambridge": (1, 1),
    "nl-delft": (-1, -1), "nl-amsterdam": (1, 1), "nl-eindhoven": (1, -1), "be-leuven": (1, -1),
}  # fmt: skip
"""On which side of a region its name stands, where its neighbours are near."""


def main() -> None:
    """Run the bundled study and draw its pictures."""
    study = gc.run_study(DOCS.parent / "data" / "quantum" / "study.toml")
    for scheme, colours in COLOURS.items():
        draw_europe(study, colours).savefig(
            DOCS / "_static" / f"europe-{scheme}.png", dpi=160, metadata={"Software": None}
        )
    with tempfile.TemporaryDirectory() as folder:
        photograph(gc.write_study(study, Path(folder) / "results") / "report.html")


def draw_europe(study: gc.Study, colours: dict[str, str]) -> Any:  # noqa: ANN401 - a figure
    """Records, footprints by verdict, names of what is a cluster or nearly one."""
    figure = plt.figure(figsize=(8.4, 8.4 * 1.36 / 1.9), facecolor=colours["page"])
    axes = figure.add_axes((0, 0, 1, 1))
    west, east, south, north = WINDOW
    ground = gpd.GeoDataFrame.from_features(json.loads(outlines()), crs=4326).set_index("what")
    ground = ground.loc[["land", "borders"]].clip((-25, 34, 45, 72)).to_crs(3035)
    ground.loc[["land"]].plot(ax=axes, color=colours["land"], linewidth=0)
    ground.loc[["borders"]].plot(ax=axes, color=colours["line"], linewidth=0.7)
    records = study.inputs.records
    points = gpd.GeoSeries.from_xy(records["longitude"], records["latitude"], crs=4326).to_crs(3035)
    alone = study.clustering.region_of.isna().to_numpy()
    axes.scatter(points[alone].x, points[alone].y, s=9, color=colours["noise"], linewidths=0)
    regions = study.regions.to_crs(3035)
    status = study.classification.status.reindex(regions.index)
    for verdict in ("none", "quasi-cluster", "cluster"):
        shapes = regions[status == verdict]
        shapes.plot(ax=axes, color=colours[verdict], alpha=0.35, linewidth=0)
        shapes.boundary.plot(ax=axes, color=colours[verdict], linewidth=1.3)
    axes.scatter(points[~alone].x, points[~alone].y, s=9, color=colours["text"], linewidths=0)
    write_names(axes, regions[status != "none"], status, colours)
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal")
    axes.set_axis_off()
    return figure


def photograph(page_of_run: Path) -> None:
    """The opening of the page of a run, in light and dark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=BROWSER.split()
        )
        for scheme in COLOURS:
            context = browser.new_context(
                offline=True,
                color_scheme=scheme,
                reduced_motion="reduce",
                viewport={"width": 1280, "height": 840},
            )
            page = context.new_page()
            page.goto(page_of_run.as_uri())
            page.wait_for_selector(".map-frame[data-drawn=true]", timeout=120_000)
            page.wait_for_timeout(2_000)  # names settle
            page.screenshot(path=DOCS / "_static" / f"report-{scheme}.png")
        browser.close()


def write_names(axes: Any, regions: Any, status: Any, colours: dict[str, str]) -> None:  # noqa: ANN401
    """A name beside each region, in the colour of its verdict."""
    for region_id, shape, name in zip(
        regions.index, regions.geometry, regions["name"], strict=True
    ):
        right, up = BESIDE.get(region_id, (1, 0))
        left, low, far, high = shape.bounds
        at = (far if right > 0 else left, {1: high, 0: (low + high) / 2, -1: low}[up])
        axes.annotate(
            name,
            at,
            xytext=(4 * right, 0),
            textcoords="offset points",
            ha="left" if right > 0 else "right",
            va="center",
            fontsize=13,
            fontweight="bold" if status[region_id] == "cluster" else "normal",
            color=colours[status[region_id]],
            clip_on=True,
        )


if __name__ == "__main__":
    main()
