"""The evidence in a folder of results, and where its rows stood in the input files.

Results keep no row numbers (the same rows in another order are the same results): they are found
again in the input files, if these are still where they were and as they were.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoclust.errors import GeoclustError, GeoclustWarning
from geoclust.schema import PLACE_DTYPES, RECORD_DTYPES, TIE_DTYPES, Places, Records, Ties
from geoclust.study import Results
from geoclust.study.reading import read_configured

MOST_ROWS: Final = 100_000
"""Rows of input files looked through for where a record stood."""
KINDS: Final = {"firm": "firms", "lab": "labs", "patent": "patents"}


def read_back(results: Results) -> dict[str, Any]:
    """Fields of `Evidence` from a folder of results."""
    records = results.records
    own = [name for name in RECORD_DTYPES if name in records]
    return {
        "config": results.config,
        "records": Records(records[own]),
        "region_of": records["region_id"],
        "membership": records[["membership", "outlier_score", "nearest_region"]],
        "ties": Ties(results.ties[list(TIE_DTYPES)]),
        "places": Places(results.places[list(PLACE_DTYPES)]),
        "tables": _tables(results),
        "regions": results.regions,
        "scores": results.scores,
        "network_measures": _network(results.folder),
        "gaps": results.gaps,
        "settings": pd.DataFrame(results.manifest["settings"], columns=["setting", "value", "why"]),
        "origins": _origins(results),
    }


def _tables(results: Results) -> frozenset[str]:
    stated = results.manifest.get("tables")
    if stated is None:
        given = {row["table"] for row in results.manifest["inputs"]} - {"records"}
        stated = given | {KINDS[kind] for kind in results.records["kind"].unique()}
    return frozenset(stated)


def _network(folder: Path) -> pd.DataFrame:
    path = folder / "network.csv"
    table = pd.read_csv(path, index_col="region_id", keep_default_na=False, na_values=[""])
    return table.drop(columns=["name", "country"])


def _origins(results: Results) -> Mapping[str, pd.DataFrame]:
    """File and row of each record, tie and place; nothing where the input is not as it was."""
    told = results.manifest["inputs"]
    if sum(row["rows"] for row in told) > MOST_ROWS:
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GeoclustWarning)
            found = read_configured(results.config)
    except (GeoclustError, OSError):
        return {}
    before = {(row["table"], row["file"], row["sha256"]) for row in told}
    now = set(found.files[["table", "file", "sha256"]].itertuples(index=False, name=None))
    return found.origins if before == now else {}
