"""Inventor or applicant: the same study with its patents at either address, set side by side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.errors import ParameterError
from geoclust.records.applicants import AT_APPLICANT, place_at_applicants
from geoclust.robustness.matching import match_regions
from geoclust.schema import WEIGHT_UNIT, weight_units
from geoclust.sphere import Ints, great_circle_km
from geoclust.study import Study, StudyConfig, run_study
from geoclust.study.agreement import adjusted_rand
from geoclust.study.reading import BASED
from geoclust.study.run import load_config

if TYPE_CHECKING:
    from pathlib import Path

BASES: Final = ("inventor", "applicant")
MIN_SHARED: Final = 0.5
NOWHERE: Final = "in no region"


@dataclass(frozen=True, eq=False, kw_only=True)
class Bases:
    """A study with its patents at their inventors' and at their applicants' addresses."""

    inventor: Study
    applicant: Study
    regions: pd.DataFrame
    """One row per region of either study, those at the inventors' heaviest first, then those found
    at the applicants' only: region_inventor and region_applicant (ids; missing where it has none),
    name, patents_inventor and patents_applicant (their weight), patents_lost and patents_gained
    (weight that is in it at one address only), weight_inventor, weight_applicant,
    status_inventor, status_applicant, rank_inventor, rank_applicant."""
    moves: pd.DataFrame
    """Where patents go: from_region (at the inventor's address), to_region (at the applicant's),
    both "in no region" where so; patents, weight; most weight first; those that stay left out."""
    counts: pd.Series
    """patents, weight, moved (other coordinates), moved_weight, without_applicant (left at their
    own address), without_applicant_weight, median_km (of those moved), agreement (adjusted Rand of
    the regions of all records)."""

    def __repr__(self) -> str:
        counts = self.counts
        changed = self.regions["status_inventor"] != self.regions["status_applicant"]
        return (
            f"<Bases: {counts['moved']:,.0f} of {counts['patents']:,.0f} patents move, "
            f"{counts['without_applicant']:,.0f} have no applicant's address; status changes in "
            f"{int(changed.sum())} of {len(self.regions)} regions>"
        )


def compare_bases(study: "Study | StudyConfig | str | Path") -> Bases:
    """Run a study with its patents at their inventors' and at their applicants' addresses.

    Parameters
    ----------
    study
        A study, its configuration, or the path of a study file or folder of tables.

    Returns
    -------
    Bases
        Regions matched by the weight of the records they share.  Weights are the same at both
        addresses, so fractional counts keep their sum.

    Raises
    ------
    ParameterError
        If there are no patents, or these come from a preset whose files hold other rows for
        either address: run the study twice and compare.
    ConfigError, InputError
        As `run_study`.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     found = compare_bases(folder)
    >>> found
    <Bases: 49 of 49 patents move, 0 have no applicant's address; status changes in 0 of 5 regions>
    """
    config = load_config(study.config if isinstance(study, Study) else study)
    _require_own_tables(config)
    one, two = (run_study(_on(config, basis)) for basis in BASES)
    if not (one.inputs.records["kind"] == "patent").any():
        raise ParameterError("the study has no patents, so no inventor's or applicant's address")
    match = _match(one, two)
    return Bases(
        inventor=one,
        applicant=two,
        regions=_regions(one, two, match),
        moves=_moves(one, two),
        counts=_counts(one, two),
    )


def _require_own_tables(config: StudyConfig) -> None:
    preset = [source.preset for source in config.inputs.sources.values() if source.preset in BASED]
    if preset:
        raise ParameterError(
            f"the patents come from preset {preset[0]!r}, whose files hold rows of their own for "
            "inventors and for applicants: run the study with inputs.patent_basis = 'inventor' and "
            "with 'applicant' into two folders, and compare these (geoclust compare)"
        )


def _on(config: StudyConfig, basis: str) -> StudyConfig:
    inputs = config.inputs.model_copy(update={"patent_basis": basis})
    return config.model_copy(update={"inputs": inputs})


def _numbers(study: Study) -> Ints:
    """Number of each record's region, by id; -1 for none."""
    region_of = study.clustering.region_of.reindex(study.inputs.records.index)
    return np.asarray(study.regions.index.get_indexer(pd.Index(region_of)), dtype=np.int64)


def _match(one: Study, two: Study) -> Ints:
    """Region of the first study that each of the second is; -1 for none."""
    return match_regions(
        _numbers(one),
        _numbers(two),
        weight_units(one.inputs.records["weight"]) / WEIGHT_UNIT,
        own_count=len(one.regions),
        drawn_count=len(two.regions),
        min_shared=MIN_SHARED,
    )


def _patents(study: Study) -> pd.DataFrame:
    records = study.inputs.records
    patents = records[records["kind"] == "patent"]
    region = study.clustering.region_of.reindex(patents.index)
    return patents[["longitude", "latitude", "weight"]].assign(region=region)


def _regions(one: Study, two: Study, match: Ints) -> pd.DataFrame:
    ids = pd.Series(one.regions.index, dtype="str").reindex(match).set_axis(two.regions.index)
    home = {str(region): other for other, region in ids.items() if isinstance(region, str)}
    rows = [(region, home.get(str(region))) for region in one.regions.index]
    rows += [(None, region) for region in two.regions.index if not isinstance(ids[region], str)]
    table = pd.DataFrame(rows, columns=["region_inventor", "region_applicant"], dtype="str")
    a, b = _patents(one), _patents(two)
    facts = [_facts(a, b, *row) for row in table.itertuples(index=False, name=None)]
    table = table.join(pd.DataFrame(facts, index=table.index))
    for basis, study in zip(BASES, (one, two), strict=True):
        own = table[f"region_{basis}"]
        table[f"weight_{basis}"] = own.map(study.regions["weight"])
        table[f"status_{basis}"] = own.map(study.classification.status).astype("str")
        table[f"rank_{basis}"] = own.map(study.scores.table["rank"]).astype("Int64")
    names = [table["region_inventor"].map(one.regions["name"]),
             table["region_applicant"].map(two.regions["name"])]  # fmt: skip
    table.insert(2, "name", names[0].where(names[0].notna(), names[1]).astype("str"))
    return table


def _facts(
    a: pd.DataFrame, b: pd.DataFrame, region_a: object, region_b: object
) -> dict[str, float]:
    """Weight of the patents of a region at either address, and at one only."""
    here = (a["region"] == region_a).fillna(False).to_numpy(dtype=bool)
    there = (b["region"] == region_b).fillna(False).to_numpy(dtype=bool)
    units = weight_units(a["weight"])
    chosen = {
        "patents_inventor": here,
        "patents_applicant": there,
        "patents_lost": here & ~there,
        "patents_gained": there & ~here,
    }
    return {name: int(units[mask].sum()) / WEIGHT_UNIT for name, mask in chosen.items()}


def _moves(one: Study, two: Study) -> pd.DataFrame:
    a, b = _patents(one), _patents(two)
    rows = pd.DataFrame(
        {
            "from_region": a["region"].fillna(NOWHERE),
            "to_region": b["region"].fillna(NOWHERE),
            "units": weight_units(a["weight"]),
        }
    )
    rows = rows[rows["from_region"] != rows["to_region"]]
    groups = rows.groupby(["from_region", "to_region"])["units"]
    table = groups.agg(["size", "sum"]).reset_index()
    table["weight"] = table.pop("sum") / WEIGHT_UNIT
    table = table.rename(columns={"size": "patents"})
    order = ["weight", "from_region", "to_region"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _counts(one: Study, two: Study) -> pd.Series:
    a, b = _patents(one), _patents(two)
    km = np.asarray(great_circle_km(a["longitude"], a["latitude"], b["longitude"], b["latitude"]))
    moved = (a[["longitude", "latitude"]] != b[["longitude", "latitude"]]).any(axis=1).to_numpy()
    stay = _without(one)
    return pd.Series(
        {
            "patents": len(a),
            "weight": float(a["weight"].sum()),
            "moved": int(moved.sum()),
            "moved_weight": float(a["weight"][moved].sum()),
            "without_applicant": int(stay.sum()),
            "without_applicant_weight": float(a["weight"][stay].sum()),
            "median_km": float(np.median(km[moved])) if moved.any() else 0.0,
            "agreement": adjusted_rand(_numbers(one), _numbers(two)),
        },
        dtype="float64",
    )


def _without(study: Study) -> pd.Series:
    """Which patents of a study have no applicant's address, by id."""
    _, account = place_at_applicants(study.inputs.records)
    return account["basis"] != AT_APPLICANT
