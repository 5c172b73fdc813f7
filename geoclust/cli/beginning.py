"""What `geoclust init` does with the answers: tables found, told, asked about, written."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from geoclust.cli.asking import can_ask
from geoclust.cli.options import Named
from geoclust.cli.questions import ask_country, ask_name, ask_size, ask_tables, label
from geoclust.cli.support import stdout
from geoclust.errors import ParameterError
from geoclust.records.inspecting import LEFT_OUT, Proposal, inspect_files, looks_at
from geoclust.report.terminal.inspection import print_findings, print_reservations
from geoclust.study.beginning import (
    best_size,
    guessed_country,
    read_proposed,
    tables_in,
    try_sizes,
    unanswered_criteria,
)
from geoclust.study.drafting import Choices, refuse_existing, write_draft
from geoclust.study.template import write_template


def begin(
    folder: Path,
    named: Named,
    *,
    country: str | None,
    name: str | None,
    smallest: int | None,
    yes: bool,
    empty: bool,
) -> None:
    """Write a study file for tables that are named, or found and asked about, or still empty."""
    refuse_existing(folder / "study.toml")
    said = _said(asdict(named))
    paths = list(dict.fromkeys(_path(key) for key in said))
    paths = paths or list(map(str, () if empty else tables_in(folder) or tables_in(Path())))
    asking = can_ask() and not yes
    if not paths:
        _begin_empty(folder)
        return
    proposal = inspect_files(paths, said=said, country=country)
    if not (asking or yes or said):
        raise ParameterError(_how_to_answer(proposal, folder))
    print_findings(proposal, lambda look: label(look, folder))
    if asking:
        answer = said or ask_tables(proposal, folder)
        if answer is None:
            _begin_empty(folder)
            return
        proposal = _again(proposal, paths, answer, country=country)
        if country is None and guessed_country(proposal):
            guess, country = guessed_country(proposal), ask_country(proposal)
            if country != guess:
                proposal = inspect_files(paths, said=answer, country=country)
        elif name is None:
            name = ask_name(folder)
    _write(proposal, folder, name=name or "", smallest=smallest, asking=asking)


def _write(
    proposal: Proposal, folder: Path, *, name: str, smallest: int | None, asking: bool
) -> None:
    if not proposal.makes_study:
        write_draft(proposal, folder)  # which says why not
    inputs = read_proposed(proposal)
    if smallest is None:
        trials = try_sizes(inputs)
        smallest = ask_size(trials) if asking else best_size(trials)
    silent = unanswered_criteria(inputs)
    chosen = Choices(name=name, min_cluster_size=smallest, without_criteria=silent)
    target = write_draft(proposal, folder, chosen)
    print_reservations(proposal)
    if silent:
        left_out = ", ".join(silent)
        _say(
            f"Your tables say nothing of {left_out}: the judgement leaves it out, as the file says"
        )
    _say(f"Wrote {target}. Look through it, then: geoclust run {target}")


def _again(
    proposal: Proposal, paths: Sequence[str], answer: Mapping[str, str], *, country: str | None
) -> Proposal:
    """The proposal as the answer has it; read again only where it says something else."""
    guessed = {}
    for look in proposal.looks:
        sheet = look.fields.get("sheet")
        key = look.path if sheet is None else f"{look.path}#{sheet}"
        guessed[key] = look.table or LEFT_OUT
    if all(guessed.get(key) == table for key, table in answer.items()):
        return proposal
    chosen = [path for path in paths if _wanted(path, answer)]
    return inspect_files(chosen, said=answer, country=country)


def _wanted(path: str, answer: Mapping[str, str]) -> bool:
    mine = [table for key, table in answer.items() if _path(key) == path]
    return any(table != LEFT_OUT for table in mine)


def _said(told: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Files, or sheets, with the table each is said to be; other sheets are left out."""
    said: dict[str, str] = {}
    for table, files in told.items():
        for file in files:
            if file in said:
                raise ParameterError(f"{file}: is given as {said[file]} and as {table}; say one")
            said[file] = table
    for file in list(said):
        path = _path(file)
        if path != file:
            for look in looks_at(path):
                said.setdefault(f"{path}#{look.fields.get('sheet')}", LEFT_OUT)
    return said


def _path(file: str) -> str:
    """The file of a name that may end in #sheet."""
    return file if Path(file).exists() else file.rpartition("#")[0] or file


def _begin_empty(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise ParameterError(
            f"{folder}: no table was found there (.csv, .tsv, .xlsx, .parquet, .gpkg, .geojson and "
            "others); name yours, as --firms FILE, or name a new folder for a study file with "
            "empty tables to fill in: geoclust init my-study"
        )
    made = write_template(folder)
    _say(f"Made {folder}: {', '.join(made)}")
    _say(f"Fill in the tables, then: geoclust run {folder / 'study.toml'}")


def _how_to_answer(proposal: Proposal, folder: Path) -> str:
    tables = {label(look, folder): look.table for look in proposal.looks if look.table is not None}
    found = ", ".join(f"{name} ({table})" for name, table in tables.items()) or "no table"
    return (
        f"there is no terminal to ask on; found: {found}. Say --yes to take these, name the tables "
        "yourself, as --firms FILE --labs FILE --ties FILE, or say --empty for empty ones"
    )


def _say(text: str) -> None:
    stdout().print(text, highlight=False, markup=False, soft_wrap=True)
