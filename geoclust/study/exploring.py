"""One region in its surroundings: what lies inside, what it would join, and at which distance.

For whoever redraws boundaries: every finding comes with the edit that would act on it, ready to be
pasted into a study file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geoclust.assignment import Partition
from geoclust.assignment.matching import near_regions
from geoclust.clustering import Clustering, lineage
from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.gazetteer import name_regions, nearest_place
from geoclust.records import read_inputs
from geoclust.schema import Records
from geoclust.sphere import unit_arc_km, unit_vectors
from geoclust.study.config import StudyConfig
from geoclust.study.deciding import load_decisions
from geoclust.study.outcome import Study
from geoclust.study.stages import choose_regions, decide_regions

NEIGHBOURS: Final = 5
PLACES: Final = 8
LEAST_SIZE: Final = 2
FARTHEST_KM: Final = 200.0
"""How far off a region may be to be offered for a merger where a study sets no width."""
SAID: Final = 'reason = "..."\nby = "..."\n'


@dataclass(frozen=True, eq=False)
class RegionView:
    """A region in its surroundings."""

    region_id: str
    name: str
    facts: dict[str, Any]
    """country, records, locations, weight, extent_km, persistence, birth_km, and, of a study that
    has run, status."""
    places: pd.DataFrame
    """What lies inside: place, records, firms, labs, patents; most records first."""
    children: pd.DataFrame
    """Parts it falls into: part_km (length at which they part), name, records, weight; heaviest
    first.  Empty where the hierarchy has none."""
    size: int
    """Least weight of these parts: the study's, or the greatest smaller one that parts it."""
    joins: pd.DataFrame
    """Going up the hierarchy: join_km, regions (ids; of records), records, in_no_region."""
    neighbours: pd.DataFrame
    """Nearest regions by the distance of their closest records: region_id, name, apart_km, records;
    they join only within clustering.max_link_km and as densely."""
    members: "pd.Index[str]"
    """Record ids."""
    edits: dict[str, str]
    """Edits ready to be pasted: merge, split, drop, rename, freeze; reason and by to be filled.
    No merge where no other region is nearer than regions of the study may be wide."""

    def __repr__(self) -> str:
        joins = "joins nothing"
        if len(self.joins):
            first = self.joins.iloc[0]
            with_whom = first["regions"] or f"{first['records']} records of no region"
            joins = f"joins {with_whom} at {first['join_km']:.1f} km"
        parts = f"{len(self.children)} parts" if len(self.children) else "no finer parts"
        return (
            f"<RegionView {self.region_id} ({self.name}): {len(self.members):,} records at "
            f"{self.facts['locations']:,} locations, {parts}, {joins}>"
        )

    def __str__(self) -> str:
        return "\n".join([*_story(self), *_pasteable(self)])

    def _repr_html_(self) -> str:
        tables = {
            "What lies inside": self.places.set_index("place"),
            "What it falls into": self.children.set_index("name"),
            "What it joins": self.joins.set_index("regions"),
            "Nearest regions": self.neighbours.set_index("region_id"),
        }
        listings = [Listing(caption, table) for caption, table in tables.items() if len(table)]
        return card(
            "Region", f"{self.name} ({self.region_id})", facts=self.facts, listings=listings
        )


def explore_region(study: Study | StudyConfig | str | Path, region_id: str) -> RegionView:
    """Show what lies inside a region, what it would join, and the edits that would act on it.

    Parameters
    ----------
    study
        A finished study; or a configuration, a study file or a folder of tables, of which only the
        regions are worked out.
    region_id
        Such as "gb-oxford".

    Returns
    -------
    RegionView
        Prints as a page of text.

    Raises
    ------
    ParameterError
        If there is no such region (the nearest are named), or its hierarchy is the upstream
        package's.

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder, seed=1)
    ...     study = gc.run_study(folder)
    >>> gc.explore_region(study, study.regions.index[0]).joins.empty
    True
    """
    records, clustering, status = _regions_of(study)
    if region_id not in clustering.regions.index:
        near = ", ".join(near_regions(region_id, Partition.of(clustering)))
        raise ParameterError(f"there is no region {region_id!r}; nearest are {near or 'none'}")
    found = clustering.region_of.reindex(records.index)
    members = records.index[(found == region_id).to_numpy(dtype=bool)]
    (row,) = clustering.regions.loc[[region_id]].to_dict("records")
    size, children = _children(records, clustering, members)
    joins = _joins(clustering, members, found)
    apart = _apart(records, found, region_id)
    neighbours = _neighbours(clustering, apart)
    own = int(clustering.parameters["min_cluster_size"])
    least = 0 if size == own else size
    facts = {
        "country": row["country"],
        "records": len(members),
        "locations": row["location_count"],
        **{name: row[name] for name in ("weight", "extent_km", "persistence", "birth_km")},
        **({} if status is None else {"status": str(status.get(region_id))}),
    }
    return RegionView(
        region_id=region_id,
        name=str(row["name"]),
        facts=facts,
        places=_places(records.loc[members]),
        children=children,
        size=size,
        joins=joins,
        neighbours=neighbours,
        members=members,
        edits=_edits(
            region_id, members, children, size=least, other=_other(clustering, joins, apart)
        ),
    )


def _regions_of(
    study: Study | StudyConfig | str | Path,
) -> tuple[Records, Clustering, "pd.Series[Any] | None"]:
    """Records, regions, and their status where the study has run."""
    from geoclust.clustering import build_hierarchy  # noqa: PLC0415 - only where it has not
    from geoclust.study.run import load_config  # noqa: PLC0415 - which imports this module's kin

    if isinstance(study, Study):
        return study.inputs.records, study.clustering, study.classification.status
    config = load_config(study)
    decisions, folder = load_decisions(config), config.base / config.inputs.folder
    inputs = read_inputs(config.inputs.sources or folder, folder=folder)
    hierarchy = build_hierarchy(inputs.records, **config.clustering.hierarchy_arguments)
    found = choose_regions(config, hierarchy)
    return inputs.records, decide_regions(config, decisions, inputs, found)[0], None


def _places(rows: pd.DataFrame) -> pd.DataFrame:
    near = nearest_place(rows["longitude"], rows["latitude"]).set_axis(rows.index)
    kinds = pd.crosstab(near["name"], rows["kind"])
    table = pd.DataFrame({"records": near["name"].value_counts()})
    for kind in ("firm", "lab", "patent"):
        table[f"{kind}s"] = kinds.get(kind, 0)
    table = table.rename_axis("place").reset_index()
    order = table.sort_values(["records", "place"], ascending=[False, True])
    return order.head(PLACES).reset_index(drop=True)


def _children(
    records: Records, clustering: Clustering, members: "pd.Index[str]"
) -> tuple[int, pd.DataFrame]:
    """Parts at the study's min_cluster_size, or at the greatest smaller one that has some."""
    own = size = int(clustering.parameters["min_cluster_size"])
    steps: tuple[tuple[float, pd.Index[str]], ...] = ()
    while size >= LEAST_SIZE:
        found = lineage(clustering.hierarchy, members, min_cluster_size=size)
        steps = tuple((km, part.intersection(members)) for km, part in found.children)
        steps = tuple((km, part) for km, part in steps if len(part))
        if len(steps) > 1:
            break
        size -= 1
    rows = [
        {
            "part_km": km,
            "name": _name(records.loc[part]),
            "records": len(part),
            "weight": float(records.loc[part, "weight"].sum()),
        }
        for km, part in steps
    ]
    columns = ["part_km", "name", "records", "weight"]
    if len(rows) < 2:  # noqa: PLR2004 - a pair
        return own, pd.DataFrame(columns=columns)
    return size, pd.DataFrame(rows, columns=columns)


def _name(rows: pd.DataFrame) -> str:
    return str(name_regions(rows.assign(group=0)).iloc[0]["name"])


def _joins(clustering: Clustering, members: "pd.Index[str]", found: pd.Series) -> pd.DataFrame:
    size = int(clustering.parameters["min_cluster_size"])
    steps = lineage(clustering.hierarchy, members, min_cluster_size=size).joins
    rows = []
    for km, joined in steps:
        homes = found.reindex(joined)
        ids = homes.value_counts().index
        rows.append(
            {
                "join_km": km,
                "regions": ", ".join(map(str, ids)),
                "records": len(joined),
                "in_no_region": int(homes.isna().sum()),
            }
        )
    return pd.DataFrame(rows, columns=["join_km", "regions", "records", "in_no_region"])


def _apart(records: Records, found: pd.Series, region_id: str) -> "pd.Series[float]":
    """Distance in km of the closest records of every other region, nearest first."""
    from scipy.spatial import KDTree  # noqa: PLC0415 - heavy

    vectors = unit_vectors(records["longitude"], records["latitude"]).T
    own = (found == region_id).to_numpy(dtype=bool)
    other = found.notna().to_numpy() & ~own
    if not other.any():
        return pd.Series(dtype="float64")
    chord, _ = KDTree(vectors[own]).query(vectors[other])
    apart = pd.DataFrame({"region_id": found[other], "apart_km": unit_arc_km(chord)})
    nearest = apart.groupby("region_id")["apart_km"].min().round(6).reset_index()
    nearest = nearest.sort_values(["apart_km", "region_id"]).set_index("region_id")
    return nearest["apart_km"]


def _neighbours(clustering: Clustering, apart: "pd.Series[float]") -> pd.DataFrame:
    nearest = apart.head(NEIGHBOURS)
    about = clustering.regions.loc[nearest.index, ["name", "record_count"]]
    columns = {
        "region_id": nearest.index,
        "name": about["name"].to_numpy(),
        "apart_km": nearest.to_numpy(),
        "records": about["record_count"].to_numpy(),
    }
    return pd.DataFrame(columns)


def _other(clustering: Clustering, joins: pd.DataFrame, apart: "pd.Series[float]") -> str:
    """The region to merge with: the nearest of those it first joins, else the nearest of all.

    None that is farther off than regions of the study may be wide.
    """
    limit_km = farthest_km(clustering)
    near = apart[apart <= limit_km].index
    first: list[str] = next((one.split(", ") for one in joins["regions"] if one), [])
    return next((str(name) for name in [*near[near.isin(first)], *near]), "")


def farthest_km(clustering: Clustering) -> float:
    """How far off another region may be to be offered for a merger."""
    wanted = clustering.parameters.get("max_extent_km")
    link_km = float(clustering.hierarchy.max_link_km)
    return float(wanted) if wanted else link_km if np.isfinite(link_km) else FARTHEST_KM


def _edits(
    region_id: str,
    members: "pd.Index[str]",
    children: pd.DataFrame,
    *,
    size: int,
    other: str,
) -> dict[str, str]:
    """Edits as a study file has them."""
    found = {}
    if other:
        found["merge"] = _edit("merge", f"regions = {_listed([region_id, other])}")
    if len(children):
        least = f"\nmin_cluster_size = {size}" if size else ""
        found["split"] = _edit("split", f"region = {_text(region_id)}\nchildren = true{least}")
    found["rename"] = _edit("rename", f'region = {_text(region_id)}\nname = "..."')
    found["drop"] = _edit("drop", f"region = {_text(region_id)}")
    held = f"region = {_text(region_id)}\nrecords = {_listed(list(members))}"
    found["freeze"] = _edit("freeze", held)
    return found


def _edit(action: str, lines: str) -> str:
    return f'[[edits]]\naction = "{action}"\n{lines}\n{SAID}'


def _text(value: str) -> str:
    from geoclust.study.template import toml_value  # noqa: PLC0415 - beside the study file

    return toml_value(value)


def _listed(values: list[str]) -> str:
    return "[" + ", ".join(_text(str(one)) for one in values) + "]"


def _story(view: RegionView) -> list[str]:
    facts = view.facts
    status = f", {facts['status']}" if "status" in facts else ""
    head = f"{view.name} ({view.region_id}){status}: {facts['records']:,} records at "
    lines = [head + f"{facts['locations']:,} locations, {facts['extent_km']:.1f} km across"]
    if not np.isnan(facts["persistence"]):
        lines.append(
            f"It separates at {facts['birth_km']:.1f} km, with a persistence of "
            f"{facts['persistence']:.2f}"
        )
    else:
        lines.append("No region of the hierarchy: it was given or edited")
    lines += ["", "What lies inside", _table(view.places)]
    lines += ["", f"What it falls into (parts of weight {view.size} and more)"]
    lines.append(_table(view.children) if len(view.children) else "  nothing finer")
    lines += ["", "What it joins, going up the hierarchy"]
    lines.append(_table(view.joins) if len(view.joins) else "  nothing within max_link_km")
    lines += ["", "Nearest regions"]
    lines.append(_table(view.neighbours) if len(view.neighbours) else "  none")
    return lines


def _table(table: pd.DataFrame) -> str:
    text = table.to_string(index=False, float_format=lambda value: f"{value:.1f}")
    return "\n".join(f"  {line}" for line in text.splitlines())


def _pasteable(view: RegionView) -> list[str]:
    shown = {name: text for name, text in view.edits.items() if name != "freeze"}
    head = ["", "To act on it, paste one of these into the study file and fill in why and who:"]
    return [*head, *(f"\n{text.rstrip()}" for text in shown.values())]
