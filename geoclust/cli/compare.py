"""`geoclust compare`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from geoclust.cli.app import app
from geoclust.cli.interruption import take_interruption
from geoclust.cli.options import Json, Quiet
from geoclust.cli.support import print_json, stem

Part = Annotated[float, Parameter(validator=Number(gte=0.5, lt=1))]
Tolerance = Annotated[float, Parameter(validator=Number(gte=0, lt=1))]


@app.command
def compare(
    a: Path,
    b: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    match: Literal["record_id", "name_and_place"] = "record_id",
    min_shared: Part = 0.5,
    tolerance: Tolerance = 0.1,
    rank_column: str = "",
    name_column: str = "",
    layer: str | None = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Compare two studies: what became of each region, who moved, which verdicts and ranks changed.

    Parameters
    ----------
    a
        A study file (TOML) or a folder of tables (run now), a folder of results, or published
        regions: polygons as GeoPackage, GeoJSON or GeoParquet.
    b
        The study, results or regions to compare it with, named in the same ways.
    out
        Folder for the comparison; without it A-vs-B in the current folder.
    match
        By record_id; or, where ids differ, by name_and_place: the same kind, name and coordinates.
    min_shared
        Two regions are linked where more than this share of one is in the other.
    tolerance
        A region is kept while its weights differ by at most this share of the heavier.
    rank_column
        Attribute of published regions with their ranks; without it rank or position.
    name_column
        Attribute of published regions with their names; without it one usual in such files.
    layer
        Layer of a GeoPackage of published regions.
    """
    from geoclust.comparison import compare_studies, published_or  # noqa: PLC0415 - heavy
    from geoclust.report import reserved  # noqa: PLC0415
    from geoclust.report.comparing import summarise_comparison, write_comparison  # noqa: PLC0415
    from geoclust.report.comparing.terminal import print_comparison  # noqa: PLC0415
    from geoclust.report.terminal.progress import stage_shown  # noqa: PLC0415

    sides = [
        published_or(path, layer=layer, rank_column=rank_column, name_column=name_column)
        for path in (a, b)
    ]
    folder = out or Path(f"{stem(a)}-vs-{stem(b)}")
    with reserved(folder) as held, stage_shown(take_interruption, quiet=quiet) as announce:
        options = {"match": match, "min_shared": min_shared, "tolerance": tolerance}
        found = compare_studies(*sides, progress=announce, **options)  # type: ignore[arg-type]
        announce("write")
        write_comparison(found, held)
    if json:
        print_json(summarise_comparison(found, folder))
    elif not quiet:
        print_comparison(found, folder)
    return 0
