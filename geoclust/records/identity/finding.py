"""Pairs of records that may be one organisation, for somebody to decide."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geoclust.errors import SchemaError
from geoclust.schema import ORGANISATION_KINDS, Records

if TYPE_CHECKING:
    from geoclust.records.identity.judging import Judgement, Side

DECISION_DTYPES: Final = {
    "decision": "str",
    "suggested": "str",
    "score": "float64",
    "reason": "str",
    "record_a": "str",
    "name_a": "str",
    "record_b": "str",
    "name_b": "str",
    "kind_a": "str",
    "kind_b": "str",
    "place_a": "str",
    "place_b": "str",
    "country_a": "str",
    "country_b": "str",
    "distance_km": "float64",
    "website_a": "str",
    "website_b": "str",
    "source_a": "str",
    "source_b": "str",
    "name_score": "float64",
    "domain": "str",
    "comment": "str",
}
"""Columns of the table of decisions; `decision` and `comment` are the reviewer's, the rest ours."""

MANY: Final = 30
"""Organisations of one domain, more than which it says nothing of any of them."""

_ORDER: Final = {"same": 0, "unsure": 1, "different": 2}


def find_duplicates(records: Records) -> pd.DataFrame:
    """Compare organisations by name, place and web domain; nothing is merged.

    Parameters
    ----------
    records
        Accepted records; patents are left aside, and so are organisations without a name.

    Returns
    -------
    DataFrame
        One row per pair worth a look, columns `DECISION_DTYPES`: surest first, those suggested
        "same" before "unsure" before "different"; `decision` and `comment` empty.  Pairs with
        nothing in common are not listed.

    Raises
    ------
    SchemaError
        If the table lacks a column.

    Examples
    --------
    >>> from geoclust.schema import as_records
    >>> two = {"kind": "lab", "longitude": -1.25, "latitude": 51.75, "country": "GB"}
    >>> names = ["University of Oxford", "UNIV. OXFORD", "Oxford Brookes University"]
    >>> table = as_records(pd.DataFrame({"name": names, **two}, index=["a", "b", "c"]))
    >>> found = find_duplicates(table)
    >>> found.loc[found["suggested"] == "same", ["record_a", "record_b"]].to_numpy().tolist()
    [['a', 'b']]
    """
    from geoclust.records.identity.candidates import candidate_pairs  # noqa: PLC0415 - heavy

    lacking = {"name", "website", "longitude", "latitude", "country"} - set(records.columns)
    if lacking:
        raise SchemaError(f"records lack the columns {sorted(lacking)}")
    table = _organisations(records)
    pairs = candidate_pairs(table) if len(table) > 1 else np.empty((0, 2), np.int64)
    if not len(pairs):
        return pd.DataFrame({name: pd.Series(dtype=t) for name, t in DECISION_DTYPES.items()})
    judged = _judge_all(table, pairs)
    return _table(table, judged)


def _organisations(records: Records) -> pd.DataFrame:
    from geoclust.records.identity.names import host_of, name_words  # noqa: PLC0415 - heavy

    chosen = records["kind"].isin(ORGANISATION_KINDS) & records["name"].notna()
    table = pd.DataFrame(records[chosen]).sort_index()
    words = table["name"].map(name_words)
    table = table.assign(words=words)[words.map(len) > 0]
    hosts = table["website"].fillna("").map(host_of)
    common = hosts.map(hosts.value_counts()) > MANY
    return table.assign(host=hosts, domain=hosts.mask(common, ""))


def _judge_all(table: pd.DataFrame, pairs: np.ndarray) -> list[tuple[int, int, float, "Judgement"]]:
    from geoclust.records.identity.candidates import distances_km  # noqa: PLC0415 - heavy
    from geoclust.records.identity.judging import (  # noqa: PLC0415
        NameWeights,
        judge,
        worth_a_look,
    )

    sides = _sides(table)
    weights = NameWeights(table["words"].tolist())
    found = []
    for (one, other), km in zip(pairs.tolist(), distances_km(table, pairs).tolist(), strict=True):
        judgement = judge(sides[one], sides[other], km, weights)
        if worth_a_look(sides[one], sides[other], km, judgement):
            found.append((one, other, km, judgement))
    return found


def _sides(table: pd.DataFrame) -> list["Side"]:
    from geoclust.records.identity.judging import Side  # noqa: PLC0415 - heavy
    from geoclust.records.identity.names import name_words  # noqa: PLC0415

    texts = [table[name].fillna("").tolist() for name in ("country", "kind", "source")]
    towns = [name_words(place.split(",")[0]) for place in table["place"].fillna("")]
    columns = (
        table["name"].tolist(), table["words"].tolist(), table["domain"].tolist(), *texts, towns,
    )  # fmt: skip
    return [Side(*values) for values in zip(*columns, strict=True)]


def _table(table: pd.DataFrame, judged: list[tuple[int, int, float, "Judgement"]]) -> pd.DataFrame:
    ids = table.index.to_numpy()
    a = table.iloc[[found[0] for found in judged]].reset_index(drop=True)
    b = table.iloc[[found[1] for found in judged]].reset_index(drop=True)
    columns = {
        "suggested": [found[3].suggested for found in judged],
        "score": [found[3].score for found in judged],
        "reason": [found[3].reason for found in judged],
        "record_a": [ids[found[0]] for found in judged],
        "record_b": [ids[found[1]] for found in judged],
        "distance_km": [round(found[2], 3) for found in judged],
        "name_score": [found[3].name_score for found in judged],
        "domain": [found[3].domain for found in judged],
        "decision": np.nan,
        "comment": np.nan,
    }
    for name in ("name", "kind", "place", "country", "website", "source"):
        columns[f"{name}_a"], columns[f"{name}_b"] = a[name], b[name]
    result = pd.DataFrame(columns)[list(DECISION_DTYPES)].astype(DECISION_DTYPES)
    order = result.assign(rank=result["suggested"].map(_ORDER))
    order = order.sort_values(
        ["rank", "score", "record_a", "record_b"], ascending=[True, False, True, True]
    )
    return result.loc[order.index].reset_index(drop=True)
