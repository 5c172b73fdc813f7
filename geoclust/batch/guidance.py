"""Words for a study with no region or one: why, and what would change it."""

from geoclust.study import Study
from geoclust.study.losses import what_helps


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
        return [
            f"no region among {records:,} records: {what_helps(study.config, study.hierarchy, 1)}"
        ]
    what = (
        "one region only: ranks and comparisons within this study say nothing, those of the whole "
        f"batch do; {what_helps(study.config, study.hierarchy, 2)}"
    )
    return [what]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
