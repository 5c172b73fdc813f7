"""Words for a study with no region or one: why, and what would change it."""

from geoclust.clustering import extract_regions
from geoclust.study import Study


def guidance(study: Study) -> list[str]:
    """Plain sentences, none where the study has two regions or more.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import run_study, synthetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     guidance(run_study(folder))
    []
    """
    found = len(study.regions)
    if found > 1:
        return []
    records, least = len(study.inputs.records), study.config.clustering.min_cluster_size
    if records < least:
        what = (
            f"no region: {_counted(records, 'record')}, and a region needs a weight of {least} "
            "(clustering.min_cluster_size); add records, or study it together with its neighbours"
        )
        return [what]
    if found == 0:
        return [f"no region among {records:,} records: {_what_helps(study, 1)}"]
    what = (
        "one region only: ranks and comparisons within this study say nothing, those of the whole "
        f"batch do; {_what_helps(study, 2)}"
    )
    return [what]


def _what_helps(study: Study, wanted: int) -> str:
    """The largest min_cluster_size that gives as many regions, tried on the study's hierarchy."""
    rules = study.config.clustering
    tried = [size for size in (rules.min_cluster_size // 2, 5, 4, 3, 2) if size >= 2]  # noqa: PLR2004
    for size in sorted({size for size in tried if size < rules.min_cluster_size}, reverse=True):
        arguments = rules.selection_arguments | {"min_cluster_size": size}
        count = len(extract_regions(study.hierarchy, **arguments).regions)
        if count >= wanted:
            return (
                f"clustering.min_cluster_size = {size} (now {rules.min_cluster_size}) would give "
                f"{_counted(count, 'region')}"
            )
    return (
        f"no smaller clustering.min_cluster_size gives {'any' if wanted == 1 else 'more'}; try a "
        f"smaller min_samples (now {rules.min_samples}) or a greater max_link_km "
        f"(now {rules.max_link_km:g})"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
