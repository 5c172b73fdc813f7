"""A finished folder of results read back: what a study wrote, checked before it is believed.

The manifest says what belongs to a folder and how each file looked when it was written.  A folder
without one was never finished; a file that is read and is not as it was written is refused by name.
Others (a GeoPackage that somebody opened in a GIS) are named in `Results.altered`.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from geoclust.errors import InputError
from geoclust.schema import PLACE_DTYPES, TIE_DTYPES, conform
from geoclust.study.config import StudyConfig
from geoclust.study.guarded import unguard_text
from geoclust.study.manifests import MANIFEST, Manifest, altered_files, read_manifest

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

STUDY_FILE: Final = "study.toml"
"""Name of the study file as used, in a folder of results."""

NEEDED: Final = (
    STUDY_FILE,
    "records.parquet",
    "regions.parquet",
    "scores.csv",
    "gaps.csv",
    "ties.csv",
    "places.csv",
)
"""Files that `read_results` reads."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Results:
    """What a study wrote, read back from its folder.

    Tables are indexed by `record_id` or `region_id`; regions come heaviest first.
    """

    folder: Path
    """Where it was read from."""

    config: StudyConfig
    """The choices made; relative paths start from `folder`."""

    records: pd.DataFrame
    """Every accepted record, with region_id (missing: in none), status, membership, outlier_score
    and nearest_region."""

    regions: "GeoDataFrame"
    """Footprint (EPSG:4326), status, indicators and ranks of each region, all in one table."""

    scores: pd.DataFrame
    """Ranks of the clusters, best first."""

    gaps: pd.DataFrame
    """What each region below the bars of a cluster lacks."""

    ties: pd.DataFrame
    """Every accepted tie, with region_a and region_b, missing where an end is in no region."""

    places: pd.DataFrame
    """Every accepted place, with the region_id it serves and its distance_km."""

    manifest: dict[str, Any]
    """Versions, settings and why, inputs, counts, warnings."""

    altered: tuple[str, ...] = ()
    """Files of the folder that are missing or not as they were written; none of them was read."""

    @property
    def name(self) -> str:
        """The study's name."""
        return self.config.name

    @property
    def status_counts(self) -> dict[str, int]:
        """Number of regions by status."""
        found = self.regions["status"].value_counts()
        return {name: int(found.get(name, 0)) for name in ("cluster", "quasi-cluster", "none")}

    def __repr__(self) -> str:
        counts = self.status_counts
        return (
            f"<Results {self.name!r}: {len(self.records):,} records, "
            f"{len(self.regions)} regions ({counts['cluster']} clusters, "
            f"{counts['quasi-cluster']} quasi-clusters), "
            f"written by geoclust {self.manifest['geoclust']}"
            f"{f'; {len(self.altered)} other files altered since' if self.altered else ''}>"
        )


def read_results(folder: str | Path) -> Results:
    """Read a folder that `write_study` or ``geoclust run`` has finished.

    Parameters
    ----------
    folder
        The folder with `manifest.json`.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        If there is no manifest, so that the folder counts as unfinished; if a file that is read is
        missing or not as it was written; or if an earlier version wrote it and left one out.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     out = gc.write_study(gc.run_study(folder), f"{folder}/results")
    ...     found = gc.read_results(out)
    >>> len(found.regions), found.records["region_id"].nunique()
    (5, 5)
    """
    folder = Path(folder)
    manifest = _required_manifest(folder)
    altered = altered_files(folder, manifest)
    files = _sound_files(folder, altered)
    regions = _parquet(files["regions.parquet"]).set_index("region_id")
    return Results(
        folder=folder,
        config=_config(folder, files[STUDY_FILE]),
        records=_records(files["records.parquet"]),
        regions=regions,
        scores=_csv(files["scores.csv"], index=True),
        gaps=_csv(files["gaps.csv"], index=True),
        ties=_typed(files["ties.csv"], TIE_DTYPES, ("region_a", "region_b")),
        places=_typed(files["places.csv"], PLACE_DTYPES, ("region_id",)),
        manifest=manifest.facts,
        altered=tuple(name for name in altered if name not in NEEDED),
    )


def is_results(folder: str | Path) -> bool:
    """Whether a folder holds a manifest of ours.

    Examples
    --------
    >>> is_results("no-such-folder")
    False
    """
    return read_manifest(Path(folder)) is not None


def _required_manifest(folder: Path) -> Manifest:
    if not folder.is_dir():
        raise InputError(
            f"{folder}: there is no such folder of results; make it with: geoclust run STUDY "
            f"--out {folder}"
        )
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(
            f"{folder}: holds no {MANIFEST} of geoclust, so nothing in it counts as finished; "
            f"make it with: geoclust run STUDY --out {folder}"
        )
    absent = [name for name in NEEDED if name not in manifest.outputs]
    if absent and not manifest.damaged:
        raise InputError(
            f"{folder}: was written by geoclust {manifest.facts['geoclust']} without "
            f"{', '.join(absent)}; run the study again"
        )
    return manifest


def _sound_files(folder: Path, altered: list[str]) -> dict[str, bytes]:
    """Content of the files needed, all of them as they were written."""
    bad = [name for name in (*NEEDED, MANIFEST) if name in altered]
    if bad:
        raise InputError(
            f"{folder}: {', '.join(bad)} {'is' if len(bad) == 1 else 'are'} missing or not as "
            "written; run the study again, and keep what is edited in copies elsewhere"
        )
    return {name: (folder / name).read_bytes() for name in NEEDED}


def _config(folder: Path, content: bytes) -> StudyConfig:
    return StudyConfig.from_text(content.decode("utf-8"), base=folder, origin=folder / STUDY_FILE)


def _records(content: bytes) -> pd.DataFrame:
    points = _parquet(content)
    return pd.DataFrame(points.drop(columns="geometry")).set_index("record_id")


def _parquet(content: bytes) -> "GeoDataFrame":
    """A table of ours with its index as a column, whichever way it is stored."""
    import geopandas as gpd  # noqa: PLC0415 - heavy

    table = gpd.read_parquet(io.BytesIO(content))
    return table if table.index.name is None else table.reset_index()


def _csv(content: bytes, *, index: bool = False) -> pd.DataFrame:
    """A table as `csv_bytes` wrote it, guarded text as it was before."""
    table = pd.read_csv(io.BytesIO(content), keep_default_na=False, na_values=[""])
    for name in table:
        if isinstance(table[name].dtype, pd.StringDtype):
            table[name] = unguard_text(table[name])
    return table.set_index("region_id") if index else table


def _typed(content: bytes, dtypes: dict[str, str], texts: tuple[str, ...]) -> pd.DataFrame:
    """A table of the data model, each column of its kind though a file has only text."""
    wanted = {name: kind for name, kind in dtypes.items() if kind == "str"}
    wanted |= dict.fromkeys(texts, "str")
    table = pd.read_csv(io.BytesIO(content), dtype=wanted, keep_default_na=False, na_values=[""])
    for name in wanted:
        table[name] = unguard_text(table[name])
    return conform(table, dtypes)
