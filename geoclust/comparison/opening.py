"""What stands on each side of a comparison: a study, a folder of its results, given polygons."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from geoclust.comparison.published import PublishedRegions, side_of_polygons
from geoclust.comparison.side import Side, side_of_results, side_of_study
from geoclust.errors import InputError, ParameterError
from geoclust.study import Results, Study, StudyConfig, read_results, run_study
from geoclust.study.results import is_results

POLYGON_FILES: Final = (".gpkg", ".geojson", ".json", ".parquet", ".geoparquet")

WANTED: Final = (
    "wanted a study file, a folder of tables, a folder of results, or polygons (.gpkg, .geojson, "
    ".parquet)"
)

Source = Study | Results | StudyConfig | PublishedRegions | str | Path
"""What may be compared: anything that names a study, its results, or published regions."""


def is_polygons(path: Path) -> bool:
    """Whether a path is that of a file of polygons, by its ending."""
    return path.suffix.lower() in POLYGON_FILES and not path.is_dir()


def published_or(
    path: Path,
    *,
    layer: str | None = None,
    rank_column: str = "",
    name_column: str = "",
    id_column: str = "",
) -> "PublishedRegions | Path":
    """Published regions with these attributes where a path is that of polygons; else the path.

    Examples
    --------
    >>> published_or(Path("study.toml"), rank_column="rank").name
    'study.toml'
    """
    if not is_polygons(path):
        return path
    return PublishedRegions(
        path=path,
        layer=layer,
        rank_column=rank_column,
        name_column=name_column,
        id_column=id_column,
    )


def open_sides(
    a: Source, b: Source, *, progress: Callable[[str], None] | None = None
) -> tuple[Side, Side]:
    """Both sides; polygons take the records of the other.

    Raises
    ------
    InputError
        If something cannot be read.
    ParameterError
        If both sides are polygons: there are no records to compare them by.
    """
    one, two = (_opened(source, progress) for source in (a, b))
    if isinstance(one, PublishedRegions):
        if isinstance(two, PublishedRegions):
            raise ParameterError(
                f"{one.path} and {two.path} are both polygons without records; compare each with "
                "a study, whose records say how much two regions share"
            )
        return side_of_polygons(one, two), two
    return one, side_of_polygons(two, one) if isinstance(two, PublishedRegions) else two


def _opened(source: Source, progress: Callable[[str], None] | None) -> "Side | PublishedRegions":
    if isinstance(source, PublishedRegions):
        return source
    if isinstance(source, Study):
        return side_of_study(source)
    if isinstance(source, Results):
        return side_of_results(source)
    if not isinstance(source, StudyConfig):
        path = Path(source)
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; {WANTED}")
        if is_polygons(path):
            return PublishedRegions(path=path)
        if path.is_dir() and is_results(path):
            return side_of_results(read_results(path))
    return side_of_study(run_study(source, progress=progress))


def renamed(
    sides: tuple[Side, Side], sources: tuple[Source, Source], names: tuple[str, str] | None
) -> tuple[Side, Side]:
    """Sides with the names asked for; those called the same get their paths, or A and B, added."""
    a, b = sides
    if names is not None:
        return replace(a, name=names[0]), replace(b, name=names[1])
    if a.name != b.name:
        return a, b
    told = [_label(source) for source in sources]
    apart = told if told[0] != told[1] and all(told) else ["A", "B"]
    return replace(a, name=f"{a.name} ({apart[0]})"), replace(b, name=f"{b.name} ({apart[1]})")


def _label(source: Source) -> str:
    """Last part of a path, of the folder above where that is the name of any study file."""
    path = source.folder if isinstance(source, Results) else source
    if not isinstance(path, str | Path):
        return ""
    whole = Path(path).resolve()
    return whole.parent.name if whole.name == "study.toml" else whole.name
