"""The inputs of a study as its configuration asks for them: tables read, patents placed."""

from dataclasses import replace
from typing import Final

import pandas as pd

from geoclust.errors import ParameterError
from geoclust.records import Inputs, TableSource, place_at_applicants, read_inputs
from geoclust.records.applicants import AT_APPLICANT, NOT_KNOWN, NOT_NAMED
from geoclust.study.config import StudyConfig

BASED: Final = ("patentsview", "regpat")
"""Presets whose files hold both addresses: they read those of the basis themselves."""


def read_configured(config: StudyConfig) -> Inputs:
    """Read the tables of a study; place its patents as `inputs.patent_basis` says.

    Raises
    ------
    InputError, RejectedRowsError
        As `read_inputs`.
    ParameterError
        If a table's own `basis` is another than the study's.
    """
    folder = config.base / config.inputs.folder
    basis = config.inputs.patent_basis
    sources = {name: _based(name, one, basis) for name, one in config.inputs.sources.items()}
    inputs = read_inputs(
        sources or folder, folder=folder, strict=config.inputs.strict, **config.inputs.identities
    )
    read_so = any(source.preset in BASED for source in sources.values())
    return inputs if basis != "applicant" or read_so else at_applicants(inputs)


def at_applicants(inputs: Inputs) -> Inputs:
    """The inputs with patents at their applicants' addresses, and a note of how many are not.

    Examples
    --------
    >>> from geoclust.records import read_inputs
    >>> frame = pd.DataFrame({"record_id": ["p"], "lon": [0.1], "lat": [52.2]})
    >>> at_applicants(read_inputs({"patents": frame})).warnings
    ('1 of 1 patents (weight 1 of 1) stay at their own address under patent_basis = "applicant": \
1 name no applicant, 0 an applicant without known coordinates',)
    """
    records, account = place_at_applicants(inputs.records)
    if account.empty:
        return inputs
    notes = pd.concat([_notes(account), inputs.notes], ignore_index=True)
    first = notes["level"].eq("info").sort_values(kind="stable").index
    notes = notes.loc[first].reset_index(drop=True).astype(inputs.notes.dtypes.to_dict())
    return replace(inputs, records=records, notes=notes)


def _based(name: str, source: TableSource, basis: str | None) -> TableSource:
    """The source with the study's basis, where its preset knows one."""
    if basis is None or source.preset not in BASED:
        return source
    if source.basis is not None and source.basis != basis:
        raise ParameterError(
            f"inputs.{name}.basis is {source.basis!r}, inputs.patent_basis {basis!r}; say one"
        )
    return replace(source, basis=basis)


def _notes(account: pd.DataFrame) -> pd.DataFrame:
    """What became of the patents: a note, and a warning where some stay."""
    moved = account[account["basis"] == AT_APPLICANT]
    rest = account[account["basis"] != AT_APPLICANT]
    lines = [
        {
            "level": "info",
            "count": len(moved),
            "message": f"{len(moved):,} of {len(account):,} patents "
            f"{_weights(moved, account)} placed at their applicant's address, "
            f"{int((moved['moved_km'] > 0).sum()):,} of them elsewhere than before",
        }
    ]
    if len(rest):
        counts = rest["basis"].value_counts()
        lines.append(
            {
                "level": "warning",
                "count": len(rest),
                "message": f"{len(rest):,} of {len(account):,} patents {_weights(rest, account)} "
                'stay at their own address under patent_basis = "applicant": '
                f"{counts.get(NOT_NAMED, 0):,} name no applicant, {counts.get(NOT_KNOWN, 0):,} an "
                "applicant without known coordinates",
            }
        )
    return pd.DataFrame(lines).assign(file="", column="organisation_id")


def _weights(part: pd.DataFrame, whole: pd.DataFrame) -> str:
    return f"(weight {part['weight'].sum():.6g} of {whole['weight'].sum():.6g})"
