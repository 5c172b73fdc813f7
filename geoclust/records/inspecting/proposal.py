"""Several files together: which tables of one study they make, and what reading them gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geoclust.errors import InputError, ParameterError
from geoclust.gazetteer import country_code
from geoclust.records.assembly import FILE_DTYPES
from geoclust.records.columns import header_key
from geoclust.records.draft import NOTE_COLUMNS, REJECTED_COLUMNS
from geoclust.records.inputs import Inputs
from geoclust.records.inspecting.files import Look, looks_at
from geoclust.records.presets import KNOWN, Preset
from geoclust.records.reading import read_inputs, read_places, read_records, read_ties
from geoclust.records.sources import RECORD_TABLES, TABLES, TableSource, nearest

SHOWN_FAULTS: Final = 5
"""Faults of each file that are kept to be shown."""

LEFT_OUT: Final = "none"
"""What a file or sheet is said to be that is no table of the study."""

RECORD_MAKERS: Final = frozenset({*RECORD_TABLES, "records"})


@dataclass(frozen=True, eq=False)
class Proposal:
    """Files as tables of one study.

    Attributes
    ----------
    looks
        Each file, in the order given.
    tables
        Table to its source; paths as they were given.
    counts
        Per file and table: rows, accepted, rejected, merged, left_out.
    faults
        The first rejected rows of each file: file, row, column, value, reason.
    notes
        What reading noted: level, file, message.
    problems
        Tables that could not be read, and files that found no place, in words.
    """

    looks: tuple[Look, ...]
    tables: Mapping[str, TableSource]
    counts: pd.DataFrame
    faults: pd.DataFrame
    notes: pd.DataFrame
    problems: tuple[str, ...]

    @property
    def makes_study(self) -> bool:
        """Whether there is a table of records among the tables."""
        return bool(RECORD_MAKERS & set(self.tables))

    @property
    def readable(self) -> bool:
        """Whether every file could be opened and every table read."""
        return not self.problems and all(look.problem is None for look in self.looks)


def inspect_files(
    paths: Sequence[str | Path],
    *,
    table: str | None = None,
    said: Mapping[str, str] | None = None,
    country: str | None = None,
) -> Proposal:
    r"""Look at files, propose the tables they make, and read them so.

    Parameters
    ----------
    paths
        Local files.
    table
        What the files without a preset are a table of, where the proposal would be wrong.
    said
        Path, or path#sheet, to the table it is of, "none" to leave it out; above `table`.
    country
        Name or code of the country of rows that name none.

    Returns
    -------
    Proposal

    Raises
    ------
    ParameterError
        If no file is given, one twice, a table or the country is not known, or a file cannot be
        a table of what it is said to be.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "firmen.csv"
    ...     _ = path.write_text("Firma;Breitengrad;Längengrad\nA GmbH;48,1;11,6\n", "utf-8")
    ...     found = inspect_files([path])
    >>> list(found.tables), found.tables["firms"].columns["latitude"]
    (['firms'], 'Breitengrad')
    """
    if not paths:
        raise ParameterError("no file is given; name one or more, such as firms.csv labs.xlsx")
    twice = sorted({str(path) for path in paths if list(map(str, paths)).count(str(path)) > 1})
    if twice:
        raise ParameterError(f"{', '.join(twice)}: is given more than once; give each file once")
    told = dict(said or {})
    code = None if country is None else known_country(country)
    for name in (table, *told.values()):
        if name not in {None, LEFT_OUT}:
            known_table(str(name))
    looks = [look for path in paths for look in looks_at(path, country=code)]
    looks = [_as_said(look, told, table) for look in looks]
    tables, problems = _tables(looks)
    read, more = _read(tables)
    return Proposal(
        looks=tuple(looks),
        tables=tables,
        counts=_joined([inputs.files for inputs in read], FILE_DTYPES),
        faults=_joined([inputs.rejected for inputs in read], REJECTED_COLUMNS).pipe(_first),
        notes=_joined([inputs.notes for inputs in read], NOTE_COLUMNS),
        problems=(*problems, *more),
    )


def known_table(text: str) -> str:
    """The name of a table, as it is.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> known_table("firms")
    'firms'
    """
    if text not in TABLES:
        hint = nearest(text, TABLES) or "; there are " + ", ".join(TABLES)
        raise ParameterError(f"no table is called {text!r}{hint}")
    return text


def known_country(text: str) -> str:
    """The alpha-2 code of a country that somebody names.

    Raises
    ------
    ParameterError
        If there is none.

    Examples
    --------
    >>> known_country("Deutschland"), known_country("GBR")
    ('DE', 'GB')
    """
    code = country_code(text)
    if code is None:
        raise ParameterError(
            f"no country is called {text!r}; give its ISO code, such as DE, or its English name"
        )
    return code


def _as_said(look: Look, said: Mapping[str, str], table: str | None) -> Look:
    """The look as the user says it is, where the user says."""
    sheet = look.fields.get("sheet")
    wanted = said.get(f"{look.path}#{sheet}", said.get(look.path))
    if wanted is None:
        return look if table is None else _as_table(look, table)
    if wanted == LEFT_OUT:
        return Look(
            look.path, look.format, look.rows, why="left out, as you say", fields=look.fields
        )
    if look.problem is None and look.table is None and sheet is None:
        raise ParameterError(f"{look.path}: cannot be read as {wanted}: {look.why}")
    return _as_table(look, wanted)


def _as_table(look: Look, table: str) -> Look:
    if look.preset is not None or look.problem is not None or look.table is None:
        return look
    if (table in {"ties", "places"}) != (look.table in {"ties", "places"}) or (
        {table, look.table} == {"ties", "places"}
    ):
        raise ParameterError(
            f"{look.path}: looks like {look.table}, so it cannot be read as {table}"
        )
    return replace(look, table=table, confidence=1.0, why="as you say")


def _tables(looks: Sequence[Look]) -> tuple[dict[str, TableSource], list[str]]:
    proposed: dict[str, list[dict[str, Any]]] = {}
    problems: list[str] = []
    for name, preset in KNOWN.items():
        group = [look for look in looks if look.preset == name]
        made = _of_preset(preset, group) if group else {}
        if group and not made:
            needed = "; ".join(f"{t}: {r[0]}" for t, r in preset.fills.items())
            problems.append(f"{group[0].path}: alone makes no table; needed are {needed}")
        for table, fields in made.items():
            proposed.setdefault(table, []).append(fields)
    for look in looks:
        if look.preset is None and look.table is not None:
            proposed.setdefault(look.table, []).append(_of_columns(look))
    tables = {}
    for table in (name for name in TABLES if name in proposed):
        first, *rest = _united(proposed[table])
        tables[table] = TableSource(**first)
        problems += [
            f"{path}: is a second table of {table} in another layout, and a study has one: left "
            "out; bring them into one layout"
            for other in rest
            for path in other["paths"]
        ]
    return tables, problems


def _of_preset(preset: Preset, group: Sequence[Look]) -> dict[str, dict[str, Any]]:
    """Tables that these files of one source make, with all files each table reads."""
    made = {}
    for table, roles in preset.fills.items():
        fields: dict[str, Any] = {"preset": preset.name}
        present = {look.role for look in group}
        if roles[0] not in present:
            if preset.applicants not in present:
                continue
            fields["basis"] = "applicant"
        chosen = [look.path for role in roles for look in group if look.role == role]
        made[table] = {"paths": tuple(chosen), **fields}
    return made


def _of_columns(look: Look) -> dict[str, Any]:
    columns = {
        guess.name: guess.own for guess in look.columns if header_key(guess.own) != guess.name
    }
    return {"paths": (look.path,), **({"columns": columns} if columns else {}), **look.fields}


def _united(proposed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files of one layout as one source with several paths."""
    united: list[dict[str, Any]] = []
    for fields in proposed:
        rest = {name: value for name, value in fields.items() if name != "paths"}
        for known in united:
            if {name: value for name, value in known.items() if name != "paths"} == rest:
                known["paths"] += fields["paths"]
                break
        else:
            united.append(dict(fields))
    return united


def _read(tables: Mapping[str, TableSource]) -> tuple[list[Inputs], list[str]]:
    """All together where that works, so that ties meet their organisations; else one by one."""
    if not tables:
        return [], []
    if RECORD_MAKERS & set(tables):
        try:
            return [read_inputs(tables)], []
        except InputError:
            pass
    read, problems = [], []
    for table, source in tables.items():
        try:
            read.append(_read_one(table, source))
        except InputError as error:
            problems.append(f"{table}: {error}")
    return read, problems


def _read_one(table: str, source: TableSource) -> Inputs:
    if table == "ties":
        return read_ties(source)
    if table == "places":
        return read_places(source)
    if table == "records":
        return read_records(source)
    return read_inputs({table: source})


def _joined(parts: list[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))


def _first(faults: pd.DataFrame) -> pd.DataFrame:
    return faults.groupby("file").head(SHOWN_FAULTS) if len(faults) else faults
