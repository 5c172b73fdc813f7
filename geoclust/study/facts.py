"""The tables of a study as rows by region, for writing of one region at a time."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.study.wording import missing

if TYPE_CHECKING:
    from geoclust.study.outcome import Study

Row = dict[str, Any]


class Facts:
    """The tables of a study as rows by region."""

    def __init__(self, study: "Study") -> None:
        judged = study.classification
        self.regions = _rows(study.regions.drop(columns="geometry"))
        self.judged = _rows(judged.table)
        self.measured = _rows(study.indicators)
        self.gaps = _rows(study.gaps)
        self.tests = _lists(judged.tests)
        self.criteria = _lists(judged.criteria)
        self.asked = {one.name: one.indicator for one in judged.thresholds.criteria}
        self.scored = [spec.name for spec in study.scores.framework.indicators]
        self.clusters = set(map(str, judged.is_cluster.index[judged.is_cluster]))
        self.pulls = {
            "cluster": _lists(study.scores.contributions),
            "quasi-cluster": _lists(study.shadow.contributions),
        }
        self.partners = _partners(study)
        simulated = study.clustering.region_of[study.inputs.records["simulated"]]
        self.simulated = simulated.value_counts().to_dict()
        self.connected = _rows(study.network_measures)
        self.collaborators = _lists(study.key_partners)
        self.rewirings = study.config.network.rewirings

    def name(self, region_id: str) -> str:
        """A region's name, its id where it has none."""
        name = self.regions[region_id]["name"]
        return region_id if missing(name) else str(name)


def _rows(table: pd.DataFrame) -> dict[str, Row]:
    cells = zip(*(table[name].tolist() for name in table), strict=True)
    names = [str(name) for name in table]
    return {
        str(region_id): dict(zip(names, row, strict=True))
        for region_id, row in zip(table.index, cells, strict=True)
    }


def _lists(table: pd.DataFrame) -> dict[str, list[Row]]:
    """Rows of a long table by region, in its order."""
    found: dict[str, list[Row]] = {}
    for row in table.to_dict("records"):
        found.setdefault(str(row["region_id"]), []).append({str(k): v for k, v in row.items()})
    return found


def _partners(study: "Study") -> dict[str, list[tuple[str, int]]]:
    """The other regions each has ties to, most tied pairs first, with their number."""
    found: dict[str, list[tuple[str, int]]] = {}
    edges = study.network.edges
    regions = set(study.regions.index)
    for a, b, count in zip(edges["node_a"], edges["node_b"], edges["pair_count"], strict=True):
        if a in regions and b in regions:
            found.setdefault(str(a), []).append((str(b), int(count)))
            found.setdefault(str(b), []).append((str(a), int(count)))
    return {name: sorted(pairs, key=lambda one: (-one[1], one[0])) for name, pairs in found.items()}
