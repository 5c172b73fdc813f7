"""A robustness experiment as tables of files, facts of the manifest and numbers for scripts."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.report.manifest import plain_rows
from geoclust.report.tables.files import csv_bytes

if TYPE_CHECKING:
    from geoclust.robustness import Robustness, Sensitivity
    from geoclust.study import Study

FOLDER = "robustness"


def robustness_tables(
    study: "Study", robustness: "Robustness | None", sensitivity: "Sensitivity | None"
) -> dict[str, Callable[[], bytes]]:
    """File name to the function that makes the file's bytes, what is to be read first first.

    Parameters
    ----------
    study
        The study that was drawn; source of the regions' names.
    robustness, sensitivity
        What came of it; None: not run, no files.

    Returns
    -------
    dict
        CSV files in the folder `robustness`.
    """
    tables: dict[str, pd.DataFrame] = {}
    if robustness is not None:
        tables = {
            "bias": robustness.bias,
            "status": _named(study, robustness.status),
            "ranks": _named(study, robustness.ranks),
            "pairwise": robustness.pairwise,
            "boundary_membership": robustness.records,
            "draws": robustness.draws,
            "region_draws": robustness.region_draws.set_index("draw"),
            "leave_one_out": _named(study, robustness.leave_one_out),
            "dominance": _named(study, robustness.dominance),
        }
    if sensitivity is not None:
        tables["sensitivity"] = sensitivity.table
    return {f"{FOLDER}/{name}.csv": partial(csv_bytes, table) for name, table in tables.items()}


def robustness_facts(
    robustness: "Robustness | None", sensitivity: "Sensitivity | None"
) -> dict[str, Any]:
    """What the manifest says of the experiments, as plain values; empty where none was run."""
    facts: dict[str, Any] = {}
    if robustness is not None:
        off = robustness.bias.index[robustness.bias["off_centre"]]
        facts["robustness"] = {
            "draws": len(robustness.draws),
            "seed": robustness.seed,
            "fingerprint": robustness.fingerprint,
            "off_centre": off.tolist(),
            "variation": asdict(robustness.variation),
            "seconds": round(robustness.seconds, 3),
        }
    if sensitivity is not None:
        facts["sensitivity"] = {
            "runs": sensitivity.runs,
            "seed": sensitivity.seed,
            "fingerprint": sensitivity.fingerprint,
            "mean_rank_change": sensitivity.mean,
            "variance": sensitivity.variance,
            "seconds": round(sensitivity.seconds, 3),
        }
    return facts


def summarise_robustness(
    study: "Study", robustness: "Robustness", sensitivity: "Sensitivity | None" = None
) -> dict[str, Any]:
    """What the draws say, as plain values ready for JSON.

    Parameters
    ----------
    study
        The study that was drawn.
    robustness, sensitivity
        What came of it.

    Returns
    -------
    dict
        `robustness`: the facts of the manifest, `bias`, and `regions` (those of the study, best
        rank first, with their ranks and the probability of each status); `sensitivity`, if given:
        its facts and `indices`.
    """
    summary = robustness_facts(robustness, sensitivity)
    summary["robustness"] |= {
        "bias": plain_rows(robustness.bias.reset_index()),
        "regions": plain_rows(firmness(study, robustness).reset_index()),
    }
    if sensitivity is not None:
        summary["sensitivity"]["indices"] = plain_rows(sensitivity.table.reset_index())
    return summary


def firmness(study: "Study", robustness: "Robustness") -> pd.DataFrame:
    """Each region's ranks, and the probability of each status, best rank of the study first."""
    ranks = robustness.ranks.rename(columns={"study": "rank"})
    status = robustness.status.rename(columns={"study": "status"})
    return _named(study, ranks.join(status))


def _named(study: "Study", table: pd.DataFrame) -> pd.DataFrame:
    """A table by region with the regions' names in front."""
    return study.regions[["name", "country"]].reindex(table.index).join(table)
