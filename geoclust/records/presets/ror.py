"""Research Organization Registry: organisations, and relations between them.

Layout: the data dump in schema 2.0 and 2.1 (releases from v1.45, April 2024), as JSON (an array
of objects, or one a line) and as its CSV (`..._schema_v2.csv`, dotted headers, several values
parted by semicolons); and flat extracts with `types`, `status`, `lat`, `lng`.  https://ror.readme.io/docs

* Id: the nine characters behind ``https://ror.org/``, so that ties written either way meet it.
* Kind and category from the types, the first of: education (lab, university), facility (lab,
  institute), company (firm), government (lab, government), healthcare and nonprofit (lab, other).
  Archives, funders and others are left out unless `values.kind` says what they are.
* Coordinates are those of the town (GeoNames) in `locations[0]`: precision ``city``.
* Status: withdrawn records are left out always, inactive ones unless `include_closed`.
* `parent_id` is the first parent.  As ties: relations of ownership and history (parent, related,
  successor), each pair once a kind; they are no collaborations.
"""

import re
from typing import Any, Final

import pandas as pd

from geoclust.records.presets.preset import Preset
from geoclust.records.presets.shaping import (
    json_column,
    not_wanted,
    piece,
    remade,
    required,
    shaped,
    text_column,
    text_series,
    unmapped,
    words,
)
from geoclust.records.raw import RawTable
from geoclust.records.sources import TableSource

PREFIX: Final = "https://ror.org/"

KINDS: Final = {
    "education": "lab",
    "facility": "lab",
    "company": "firm",
    "government": "lab",
    "healthcare": "lab",
    "nonprofit": "lab",
}
"""In the order in which a type counts, where an organisation has several."""

CATEGORIES: Final = {
    "education": "university",
    "facility": "institute",
    "government": "government",
    "healthcare": "other",
    "nonprofit": "other",
}

_ONE_SIDED: Final = {"child": "parent", "predecessor": "successor"}
_RELATION: Final = re.compile(r"(\w+)\s*:\s*((?:\s*[,;|]?\s*(?:https://ror\.org/)?0\w{8})+)")
_ID: Final = re.compile(r"(?:https://ror\.org/)?(0[a-z0-9]{8})")

_DOTTED: Final = "locations.geonames_details"


def shape(raws: list[RawTable], source: TableSource, table: str) -> list[RawTable]:
    """Organisations as records, or their relations as ties."""
    files = ROR.by_role(raws)
    if table == "ties":
        flat = [_flat_relations(raw) for raw in files["relations"]]
        return flat + [_relations(raw) for raw in files["organisations"]]
    return [_organisations(raw, source, table) for raw in required(files, "organisations", "ror")]


def bare_id(text: object) -> str | None:
    """The nine characters of an id, whichever way it is written.

    Examples
    --------
    >>> bare_id("https://ror.org/013meh722"), bare_id("013meh722")
    ('013meh722', '013meh722')
    """
    if not isinstance(text, str):
        return None
    return text.removeprefix(PREFIX).removeprefix("http://ror.org/").removeprefix("ror.org/")


def _organisations(raw: RawTable, source: TableSource, table: str) -> RawTable:
    fields = _json_fields(raw) if "names" in raw.header else _text_fields(raw)
    own = fields.pop("types")
    chosen = _chosen_type(own, words(source, "kind", KINDS))
    kinds = chosen.map(words(source, "kind", KINDS)).astype("str")
    status = text_column(raw, "status").str.casefold()
    closed = status.eq("inactive") & (not source.include_closed)
    category = chosen.map(words(source, "category", CATEGORIES)).astype("str")
    return shaped(
        raw,
        {
            "record_id": text_series(map(bare_id, text_column(raw, "id")), raw.text.index),
            "kind": kinds,
            **fields,
            "category": category.where(kinds.eq("lab")),
            "year": text_column(raw, "established"),
            "precision": pd.Series("city", index=raw.text.index, dtype="str"),
            "source": pd.Series("ROR", index=raw.text.index, dtype="str"),
        },
        [
            (status.eq("withdrawn").to_numpy(), "withdrawn"),
            (closed.to_numpy(), "inactive"),
            unmapped(kinds, own, "type"),
            not_wanted(kinds, table),
        ],
    )


def _chosen_type(types: pd.Series, known: dict[str, str]) -> pd.Series:
    """The type that counts: the first known one in the order of `KINDS`, then of the rest."""
    order = [*KINDS, *sorted(set(known) - set(KINDS))]

    def choose(cell: object) -> str | None:
        found = (
            {word.strip().casefold() for word in re.split("[|;,]", cell)}
            if isinstance(cell, str)
            else set()
        )
        return next((word for word in order if word in found and word in known), None)

    return text_series(map(choose, types), types.index)


def _text_fields(raw: RawTable) -> dict[str, pd.Series]:
    """Of the CSV dump, or of a flat extract."""
    parents = [_relations_of(cell).get("parent", []) for cell in text_column(raw, "relationships")]
    flat = [_ids(cell) for cell in text_column(raw, "parents")]
    first = [next(iter([*a, *b]), None) for a, b in zip(parents, flat, strict=True)]
    website = piece(text_column(raw, "links.type.website", "website"), r"\s*;")
    domain = piece(text_column(raw, "domains", "domain"), r"\s*[;|]")
    return {
        "types": text_column(raw, "types"),
        "name": text_column(raw, "names.types.ror_display", "name"),
        "longitude": text_column(raw, f"{_DOTTED}.lng", "lng", "lon", "longitude"),
        "latitude": text_column(raw, f"{_DOTTED}.lat", "lat", "latitude"),
        "place": text_column(raw, f"{_DOTTED}.name", "city"),
        "country": text_column(raw, f"{_DOTTED}.country_code", "country_code", "country"),
        "website": website.where(website.notna(), domain),
        "parent_id": text_series(first, raw.text.index),
    }


def _json_fields(raw: RawTable) -> dict[str, pd.Series]:
    index = raw.text.index
    details = [_first_location(value) for value in json_column(raw, "locations")]
    types = [";".join(map(str, value or [])) for value in json_column(raw, "types")]
    relations = [_json_relations(value) for value in json_column(raw, "relationships")]
    domains = json_column(raw, "domains")
    sites = [
        _website(links) or next(iter(domain or []), None)
        for links, domain in zip(json_column(raw, "links"), domains, strict=True)
    ]
    return {
        "types": text_series(types, index),
        "name": text_series(map(_display_name, json_column(raw, "names")), index),
        "longitude": text_series((d.get("lng") for d in details), index),
        "latitude": text_series((d.get("lat") for d in details), index),
        "place": text_series((d.get("name") for d in details), index),
        "country": text_series((d.get("country_code") for d in details), index),
        "website": text_series(sites, index),
        "parent_id": text_series(
            (next(iter(found.get("parent", [])), None) for found in relations), index
        ),
    }


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _first_location(value: Any) -> dict[str, Any]:  # noqa: ANN401
    details = [item.get("geonames_details") for item in _objects(value)]
    return next((found for found in details if isinstance(found, dict)), {})


def _display_name(value: Any) -> str | None:  # noqa: ANN401
    names = _objects(value)
    shown = [item for item in names if "ror_display" in (item.get("types") or [])]
    return next((str(item.get("value")) for item in [*shown, *names]), None)


def _website(value: Any) -> str | None:  # noqa: ANN401
    return next((str(i.get("value")) for i in _objects(value) if i.get("type") == "website"), None)


def _json_relations(value: Any) -> dict[str, list[str]]:  # noqa: ANN401
    found: dict[str, list[str]] = {}
    for item in _objects(value):
        kind, other = str(item.get("type", "")).casefold(), bare_id(item.get("id"))
        if other:
            found.setdefault(kind, []).append(other)
    return found


def _relations_of(cell: object) -> dict[str, list[str]]:
    """Relations as the CSV dump writes them: ``child: https://ror.org/..., ...; parent: ...``."""
    if not isinstance(cell, str):
        return {}
    return {kind.casefold(): _ids(ids) for kind, ids in _RELATION.findall(cell)}


def _ids(cell: object) -> list[str]:
    return _ID.findall(cell) if isinstance(cell, str) else []


def _relations(raw: RawTable) -> RawTable:
    as_json = "names" in raw.header
    cells = json_column(raw, "relationships") if as_json else text_column(raw, "relationships")
    read = _json_relations if as_json else _relations_of
    ids = [bare_id(cell) for cell in text_column(raw, "id")]
    found: dict[tuple[str, str, str], int] = {}
    for own, cell, row in zip(ids, cells, raw.row.tolist(), strict=True):
        for kind, others in read(cell).items():
            for other in others:
                a, b = sorted((own or "", other))
                key = (a, b, _ONE_SIDED.get(kind, kind))
                found[key] = min(row, found.get(key, row))
    keys = sorted(found)
    columns = {
        "organisation_a": [a for a, _, _ in keys],
        "organisation_b": [b for _, b, _ in keys],
        "kind": [kind for _, _, kind in keys],
        "source": ["ROR"] * len(keys),
    }
    made = remade(raw, columns, [found[key] for key in keys])
    made.note("warning", _OWNERSHIP, count=len(keys))
    return made


_OWNERSHIP: Final = (
    "relations of ROR are of ownership and history (parent, related, successor), no "
    "collaborations: the network is then one of groups of companies and institutes"
)


def _flat_relations(raw: RawTable) -> RawTable:
    """A table of pairs: `ror_a`, `ror_b`, `type`."""
    index = raw.text.index
    kinds = text_column(raw, "type").str.casefold()
    made = shaped(
        raw,
        {
            "organisation_a": text_series(map(bare_id, text_column(raw, "ror_a")), index),
            "organisation_b": text_series(map(bare_id, text_column(raw, "ror_b")), index),
            "kind": kinds.replace(_ONE_SIDED),
            "source": pd.Series("ROR", index=index, dtype="str"),
        },
    )
    made.note("warning", _OWNERSHIP, count=len(raw.text))
    return made


ROR: Final = Preset(
    name="ror",
    title="Research Organization Registry (data dump, schema 2.0 and 2.1)",
    roles={
        "organisations": (
            frozenset({"id", "names", "locations", "types"}),
            frozenset({"id", "names.types.ror_display", "types"}),
            frozenset({"id", "name", "types", "status", "lat", "lng"}),
        ),
        "relations": (frozenset({"ror_a", "ror_b", "type"}),),
    },
    fills={"records": ("organisations",), "ties": ("relations",)},
    shape=shape,
    keys=frozenset(
        {"id", "names", "locations", "types", "status", "established", "links", "domains"}
        | {"relationships"}
    ),
    advice=(
        "include_closed = true                        # keep inactive organisations",
        'values = { kind = { archive = "lab" } }      # types that are left out otherwise',
    ),
)
