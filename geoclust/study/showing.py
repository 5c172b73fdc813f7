"""A study as a notebook shows it: what was read, the ranking, the nearest misses, what to heed."""

from typing import TYPE_CHECKING

import pandas as pd

from geoclust.display import Listing, card

if TYPE_CHECKING:
    from geoclust.study.outcome import Study


def study_html(study: "Study") -> str:
    """A short account of a study; escaped, without scripts, the same for the same study.

    Parameters
    ----------
    study
        The study; left unchanged.

    Returns
    -------
    str
        One HTML element.
    """
    counts = study.status_counts
    kinds = study.inputs.records["kind"].value_counts()
    noise = study.clustering.region_of.isna()
    facts: dict[str, object] = {f"{kind}s": int(count) for kind, count in sorted(kinds.items())}
    facts |= {
        "regions": len(study.regions),
        "clusters": counts["cluster"],
        "quasi-clusters": counts["quasi-cluster"],
        "neither": counts["none"],
        "records in no region": f"{noise.mean():.0%}" if len(noise) else 0,
        "rejected rows": study.inputs.rejected_count,
    }
    return card(
        "Study",
        study.config.name,
        facts=facts,
        listings=[_ranking(study), _quasi_clusters(study)],
        remarks=study.warnings,
    )


def _ranking(study: "Study") -> Listing:
    scores = study.scores
    dimensions = {f"{one}_rank_label": one.replace("_", " ") for one in scores.framework.dimensions}
    ranks = scores.table[["rank_label", *dimensions]].rename(columns=dimensions)
    table = _facts(study).loc[ranks.index].join(ranks.drop(columns="rank_label"))
    table.insert(0, "rank", ranks["rank_label"])
    return Listing("Clusters, best first", table)


def _quasi_clusters(study: "Study") -> Listing:
    judged = study.classification
    chosen = judged.table[judged.is_quasi].sort_values("tier", kind="stable").index
    table = _facts(study).loc[chosen]
    table.insert(0, "tier", judged.table["tier"])
    table["what it lacks"] = study.gaps["summary"].reindex(chosen)
    return Listing("Quasi-clusters, tier 1 first", table)


def _facts(study: "Study") -> pd.DataFrame:
    judged = study.classification.table
    names = {"name": "name", "country": "country", "record_count": "records"}
    table = pd.DataFrame(study.regions[list(names)]).rename(columns=names)
    table["density per 100 km²"] = judged["activity_density_per_100km2"]
    table["capability"] = judged["capability"]
    return table
