"""Any number of a study, explained: which worker works it out, and what stands beside it."""

from typing import TYPE_CHECKING

import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.explanation import (
    alike,
    brokering,
    clustered,
    drawn,
    ground,
    judged,
    members,
    ranked,
    rates,
    tied,
)
from geoclust.explanation.evidence import GAP, Evidence
from geoclust.explanation.outcome import Explanation, bare
from geoclust.explanation.vocabulary import meaning_of
from geoclust.explanation.working import Worker, said, same
from geoclust.study import Results, Study

if TYPE_CHECKING:
    from collections.abc import Iterable


def explain(study: Study | Results | Evidence, region_id: str, indicator: str) -> Explanation:
    """Follow one number of a region to its formula, records, ties, places and settings.

    The number is worked out anew from what is listed, and compared with the one reported.

    Parameters
    ----------
    study
        What `run_study` or `read_results` returned, or the evidence of it.
    region_id
        A region, such as "gb-cambridge".
    indicator
        A column of `regions.csv`, `scores.csv` or `network.csv`; of `gaps.csv` with `gap_` before
        its name; `peer_1`, `peer_1_distance` and so on; of `robustness/status.csv` and `ranks.csv`
        with `draws_` before it, where there are draws.

    Returns
    -------
    Explanation
        `print` it, or take `value`, `recomputed`, `agrees`, `listings` (tables of what was
        counted), `to_dict()`.

    Raises
    ------
    ParameterError
        If there is no such region or number; the nearest names are given.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    >>> told = explain(study, study.regions.index[0], "firm_count")
    >>> told.value == len(told.listings[0].table), told.agrees
    (True, True)
    """
    evidence = study if isinstance(study, Evidence) else Evidence.of(study)
    _require_region(evidence, region_id)
    known = workers(evidence)
    if indicator not in known:
        raise ParameterError(f"no number is called {indicator!r}; {nearest(indicator, known)}")
    return _explained(evidence, region_id, indicator, known[indicator])


def audit_region(study: Study | Results | Evidence, region_id: str) -> pd.DataFrame:
    """Every number of a region, as reported and as worked out anew.

    Parameters
    ----------
    study, region_id
        As `explain`.

    Returns
    -------
    DataFrame
        Index `indicator`, in the order of the results; label, value, recomputed, agrees, filled.

    Raises
    ------
    ParameterError
        As `explain`.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     study = gc.run_study(folder)
    >>> bool(audit_region(study, study.regions.index[0])["agrees"].all())
    True
    """
    evidence = study if isinstance(study, Evidence) else Evidence.of(study)
    _require_region(evidence, region_id)
    known = workers(evidence)
    rows = []
    for name in explainable(evidence):
        worked = known[name](evidence, region_id, name)
        value = evidence.value(region_id, name)
        rows.append(
            {
                "indicator": name,
                "label": meaning_of(evidence, name).label,
                "value": bare(value),
                "recomputed": bare(worked.value),
                "agrees": same(value, worked.value),
                "filled": worked.filled,
            }
        )
    columns = ["indicator", "label", "value", "recomputed", "agrees", "filled"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"value": object, "recomputed": object}).set_index("indicator")


def explainable(evidence: Evidence) -> list[str]:
    """Names of all numbers that the results hold and that can be explained, in their order."""
    known = workers(evidence)
    reported: Iterable[str] = dict.fromkeys(
        [
            *map(str, evidence.regions.columns),
            *map(str, evidence.scores.columns),
            *map(str, evidence.network_measures.columns),
            *(f"{GAP}{name}" for name in evidence.gaps.columns),
            *alike.peer_names(evidence),
            *drawn.draw_names(evidence),
        ]
    )
    return [name for name in reported if name in known]


def workers(evidence: Evidence) -> dict[str, Worker]:
    """The worker of every number that a study of this configuration may report."""
    return {
        **members.WORKERS,
        **ground.WORKERS,
        **tied.WORKERS,
        **brokering.WORKERS,
        **rates.WORKERS,
        **judged.WORKERS,
        **clustered.WORKERS,
        **ranked.workers(evidence),
        **alike.workers(evidence),
        **drawn.workers(evidence),
    }


def settings_that_mattered(evidence: Evidence, names: "Iterable[str]") -> pd.DataFrame:
    """Rows of the settings by name; a name ending in "." stands for all below it."""
    wanted = tuple(dict.fromkeys(names))
    known = pd.concat([evidence.settings, _written_out(evidence)], ignore_index=True)
    setting = known["setting"].astype("str")
    chosen = [any(one.startswith(name) if name.endswith(".") else one == name for name in wanted)
              for one in setting]  # fmt: skip
    return known[chosen][["setting", "value", "why"]].reset_index(drop=True)


def _written_out(evidence: Evidence) -> pd.DataFrame:
    """Bars and steps of scoring one by one: the settings hold each of the two as a whole."""
    why = dict(zip(evidence.settings["setting"], evidence.settings["why"], strict=True))
    bars, framework = evidence.thresholds, evidence.framework
    rows = [
        ("thresholds", f"{level}.{name}", getattr(getattr(bars, level), name))
        for level in ("cluster", "quasi")
        for name in ("min_density", "min_capability")
    ]
    steps = ("normalise", "weighting", "aggregate", "outliers", "min_share")
    rows += [("scoring", name, getattr(framework, name)) for name in steps]
    rows.append(("scoring", "composite.of", framework.composite.of))
    table = [(f"{part}.{name}", said(value), why.get(part, "")) for part, name, value in rows]
    return pd.DataFrame(table, columns=["setting", "value", "why"])


def _explained(evidence: Evidence, region_id: str, name: str, worker: Worker) -> Explanation:
    worked, meaning = worker(evidence, region_id, name), meaning_of(evidence, name)
    return Explanation(
        subject=region_id,
        subject_name=str(bare(evidence.regions.at[region_id, "name"]) or region_id),
        indicator=name,
        label=meaning.label,
        unit=meaning.unit,
        value=evidence.value(region_id, name),
        recomputed=worked.value,
        meaning=meaning.formula,
        filled=worked.filled,
        listings=worked.listings,
        made_of=worked.made_of,
        settings=settings_that_mattered(evidence, worked.settings),
        definition=meaning.source,
        notes=worked.notes,
    )


def _require_region(evidence: Evidence, region_id: str) -> None:
    if region_id not in evidence.regions.index:
        known = [str(name) for name in evidence.regions.index]
        raise ParameterError(f"no region is called {region_id!r}; {nearest(region_id, known)}")
