"""`geoclust explore-region`."""

from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.options import Flag
from geoclust.cli.support import load, stdout


@app.command
def explore_region(
    study: Path,
    region: str,
    /,
    *,
    boundaries: Path | None = None,
    freeze: Flag = False,
) -> int:
    """Show what lies inside a region, what it would join and at which distance.

    With the edits that would act on it, ready to be pasted into the study file.

    Parameters
    ----------
    study
        A study file (TOML), or a folder of tables; only its regions are worked out.
    region
        Id of a region, such as gb-oxford.
    boundaries
        Polygons that are the regions instead of clustering, as for `run`.
    freeze
        Print the edit that holds the region's records as they are now, and nothing else.
    """
    from geoclust.study.exploring import explore_region as explore  # noqa: PLC0415 - fast --help

    view = explore(load(study, strict=False, boundaries=boundaries), region)
    text = view.edits["freeze"] if freeze else str(view)
    stdout().print(text, highlight=False, markup=False, soft_wrap=True)
    return 0
