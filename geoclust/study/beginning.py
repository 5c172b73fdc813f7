"""A study begun from tables somebody has: found in a folder, and tried before it is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoclust.clustering import build_hierarchy, extract_regions
from geoclust.errors import ParameterError
from geoclust.records import Inputs
from geoclust.records.inspecting import Proposal
from geoclust.records.safety import format_of
from geoclust.study.config import StudyConfig
from geoclust.study.reading import read_configured

MOST_FILES: Final = 40
"""Files of a folder that are looked at without being named."""

SIZES: Final = (3, 4, 5, 6, 8, 10, 15, 20, 30)
"""Least sizes of a region that are tried."""

ENOUGH: Final = 3
"""Regions from which on a comparison says something."""

_OURS: Final = ("manifest.json", "-faults.csv", "-identity.csv")


@dataclass(frozen=True)
class Trial:
    """What least size of a region gives how many regions, holding how many records."""

    size: int
    regions: int
    inside: int
    records: int

    def __str__(self) -> str:
        share = round(100 * self.inside / self.records) if self.records else 0
        noun = "region" if self.regions == 1 else "regions"
        return f"{self.size} gives {self.regions:,} {noun} with {share} % of the records"


def tables_in(folder: Path) -> tuple[Path, ...]:
    """Files of a folder that may be tables, by name; none where there is no folder.

    Raises
    ------
    ParameterError
        If there are more than are looked at unnamed.

    Examples
    --------
    >>> tables_in(Path("no-such-folder"))
    ()
    """
    if not folder.is_dir():
        return ()
    found = sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.name.startswith(".")
        and format_of(path.name) is not None
        and not path.name.endswith(_OURS)
    )
    if len(found) > MOST_FILES:
        raise ParameterError(
            f"{folder}: has {len(found):,} files that may be tables, more than {MOST_FILES}; name "
            "those of the study: --firms FILE --labs FILE --ties FILE"
        )
    return tuple(found)


def guessed_country(proposal: Proposal) -> str | None:
    """The country in which rows of some table are geocoded that no column of it names."""
    named = [source.constants.get("country") for source in proposal.tables.values()]
    return next((str(code) for code in named if code is not None), None)


def read_proposed(proposal: Proposal) -> Inputs:
    """The tables as a study would read them.

    Raises
    ------
    InputError
        If a table cannot be read.
    """
    return read_configured(StudyConfig.model_validate({"inputs": dict(proposal.tables)}))


def unanswered_criteria(inputs: Inputs) -> tuple[str, ...]:
    """Names of the default criteria of the judgement that these records say nothing on."""
    records = inputs.records
    silent = {
        "patent_count": not (records["kind"] == "patent").any(),
        "funding_usd": not records["funding_usd"].notna().any(),
        "category_count": not records["category"].notna().any(),
        "lab_count": not (records["kind"] == "lab").any(),
    }
    criteria = StudyConfig().thresholds.criteria
    return tuple(one.name for one in criteria if silent.get(one.indicator, False))


def try_sizes(inputs: Inputs) -> tuple[Trial, ...]:
    """Cluster the records with several least sizes of a region."""
    config, records = StudyConfig(), inputs.records
    hierarchy = build_hierarchy(records, **config.clustering.hierarchy_arguments)
    found = []
    for size in SIZES:
        rules = config.clustering.selection_arguments | {"min_cluster_size": size}
        regions = extract_regions(hierarchy, **rules).region_of
        found.append(Trial(size, int(regions.nunique()), int(regions.notna().sum()), len(records)))
    return tuple(found)


def best_size(trials: tuple[Trial, ...]) -> int:
    """The default, or the largest below it that gives regions enough to compare, or any.

    Examples
    --------
    >>> best_size((Trial(5, 4, 40, 60), Trial(10, 1, 30, 60)))
    5
    >>> best_size((Trial(5, 0, 0, 6), Trial(10, 0, 0, 6)))
    10
    """
    default = StudyConfig().clustering.min_cluster_size
    for wanted in (ENOUGH, 1):
        able = [one.size for one in trials if one.size <= default and one.regions >= wanted]
        if able:
            return max(able)
    return default
