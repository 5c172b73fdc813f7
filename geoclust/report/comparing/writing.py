"""A comparison as a folder: tables, figures, one page, a manifest; whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoclust.report.comparing.figures import comparison_figures
from geoclust.report.comparing.page import comparison_page
from geoclust.report.comparing.tables import comparison_tables
from geoclust.report.folders.reserving import Reservation, reserved
from geoclust.report.manifest import manifest_with, plain
from geoclust.report.writing import Written, by_themselves, write_files

if TYPE_CHECKING:
    from geoclust.comparison import Comparison

PAGE: Final = "compare.html"


def write_comparison(found: "Comparison", out: "str | Path | Reservation") -> Path:
    """Write a comparison's tables, figures, page and manifest into a folder.

    Parameters
    ----------
    found
        What `compare_studies` returned; left unchanged.
    out
        The folder, as of `write_study`; or a `Reservation` of it.

    Returns
    -------
    Path
        The folder, with `compare.html`, `fates.csv`, `records.csv`, `pairs.csv`, `statuses.csv`,
        `figures/` and `manifest.json`.

    Raises
    ------
    ParameterError, OutputError
        As `write_study`.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    ...     out = write_comparison(gc.compare_studies(study, study), f"{folder}/comparison")
    ...     (out / "compare.html").stat().st_size > 1e6
    True
    """

    def page(written: Written) -> bytes:
        return comparison_page(found, picture=written["figures/map.png"])

    contents = by_themselves({**comparison_tables(found), **comparison_figures(found)})
    with reserved(out) as held:
        return write_files(
            held.folder,
            {**contents, PAGE: page},
            lambda made: manifest_with(summarise_comparison(found), made),
        )


def summarise_comparison(found: "Comparison", out: str | Path | None = None) -> dict[str, Any]:
    """A comparison in a few numbers, as plain values ready for JSON.

    Parameters
    ----------
    found
        The comparison.
    out
        Folder it was written to, if it was.

    Returns
    -------
    dict
        `comparison` (name, kind and number of regions of each side), `changed`, `redrawn` (how
        many regions of both sides have another footprint), `fates` (counts), `agreement`,
        `statuses`, `settings`, `warnings` and, if given, `out` and `report`.
    """
    summary: dict[str, Any] = {
        "comparison": {
            end: {"name": side.name, "kind": side.kind, "regions": len(side.regions)}
            for end, side in (("a", found.a), ("b", found.b))
        },
        "changed": found.changed,
        "redrawn": len(found.redrawn),
        "fates": found.fate_counts,
        "agreement": {name: plain(value) for name, value in found.agreement.items()},
        "statuses": {
            str(row): {str(column): int(count) for column, count in counts.items()}
            for row, counts in found.statuses.iterrows()
        },
        "settings": {
            "match": found.match,
            "min_shared": found.min_shared,
            "tolerance": found.tolerance,
        },
        "warnings": list(found.remarks),
    }
    if out is not None:
        summary |= {"out": str(out), "report": str(Path(out) / PAGE)}
    return summary
