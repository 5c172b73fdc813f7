"""Whether what an edit names is there, and what may have been meant where it is not."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from geoclust.assignment.partition import Partition

CANDIDATES: Final = 3
"""Nearest candidates named."""

COMPARED: Final = 5_000
"""Ids compared letter by letter at most; of more, those that begin alike."""


class Mismatch(Exception):  # noqa: N818 - not an error of its own: it is told among the faults
    """An edit does not match the data; the message says in what and names candidates."""


def known_region(region_id: str, partition: Partition, gone: Mapping[str, str]) -> None:
    """Raise `Mismatch` where a region is not there.

    Parameters
    ----------
    region_id
        The id an edit names.
    partition
        The regions there are.
    gone
        Ids that earlier edits took away, and how.
    """
    if region_id in partition.regions.index:
        return
    if region_id in gone:
        raise Mismatch(
            f"there is no region {region_id!r} any more: an earlier edit {_did(gone[region_id])}"
        )
    near = near_regions(region_id, partition)
    if not near:
        raise Mismatch(f"there is no region {region_id!r}; there is no region at all")
    raise Mismatch(f"there is no region {region_id!r}; nearest are {', '.join(near)}")


def near_regions(region_id: str, partition: Partition) -> list[str]:
    """Regions that may be meant by an id, with their names and sizes."""
    regions = partition.regions
    by_id = difflib.get_close_matches(region_id, list(regions.index), n=CANDIDATES, cutoff=0.5)
    words = region_id.rpartition("-")[2]
    names = {str(name).casefold(): str(one) for one, name in regions["name"].items()}
    by_name = difflib.get_close_matches(words.casefold(), list(names), n=CANDIDATES, cutoff=0.6)
    found = list(dict.fromkeys([*by_id, *(names[name] for name in by_name)]))[:CANDIDATES]
    sizes = partition.region_of.value_counts()
    if not found:
        country = region_id.partition("-")[0]
        order = [str(one) for one in sizes.index]
        found = ([one for one in order if one.startswith(f"{country}-")] or order)[:CANDIDATES]
    return [f"{one} ({partition.name(one)}, {int(sizes.get(one, 0)):,} records)" for one in found]


def known_records(wanted: Sequence[str], ids: "pd.Index[str]") -> "pd.Index[str]":
    """The records named, in the order given; raises `Mismatch` naming those that are not there."""
    index = pd.Index(list(wanted), dtype=ids.dtype)
    absent = index[ids.get_indexer(index) < 0]
    if len(absent):
        more = f" and {len(absent) - CANDIDATES:,} more" if len(absent) > CANDIDATES else ""
        told = ", ".join(f"{one!r}{_near_record(str(one), ids)}" for one in absent[:CANDIDATES])
        raise Mismatch(f"there is no record {told}{more}")
    return index


def _near_record(wanted: str, ids: "pd.Index[str]") -> str:
    compared = list(map(str, ids))
    start = 1
    while len(compared) > COMPARED and start <= len(wanted):
        compared = [one for one in compared if one.startswith(wanted[:start])]
        start += 1
    near = difflib.get_close_matches(wanted, compared[:COMPARED], n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _did(how: str) -> str:
    return f"has it {how}"
