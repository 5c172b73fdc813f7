"""`geoclust inspect`."""

from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.options import Flag
from geoclust.cli.support import print_json, stdout
from geoclust.errors import EXIT_INPUT


@app.command
def inspect(
    *files: Path,
    write: Path | None = None,
    table: str | None = None,
    country: str | None = None,
    json: Flag = False,
) -> int:
    """Say what files are, guess what their columns mean, and draft a study file.

    Files of known sources (ROR, OpenAlex, CORDIS, PatentsView, REGPAT, Crunchbase, GeoNames) are
    recognised; of others the mapping is guessed from names and values, with alternatives.  All
    are read as a study would read them, and counts and first faults are shown.

    Parameters
    ----------
    files
        Tables of one study: firms, labs, patents, ties, places, in any order.
    write
        Folder to write study.toml into, whole or not at all; nothing is ever overwritten.
    table
        What files of no known source hold, where the guess is wrong: firms, labs, patents,
        records, ties or places.
    country
        Country of rows that name none, as a code or in English; guessed from their towns without.
    json
        Print everything as JSON on standard output.
    """
    from geoclust.records.inspecting import inspect_files  # noqa: PLC0415 - keeps --help fast
    from geoclust.report.terminal.inspection import print_proposal, summarise_proposal  # noqa: PLC0415
    from geoclust.study.drafting import write_draft  # noqa: PLC0415

    proposal = inspect_files(files, table=table, country=country)
    written = None if write is None else write_draft(proposal, write)
    if json:
        drafted = None if written is None else str(written)
        print_json(summarise_proposal(proposal) | {"study_file": drafted})
    else:
        print_proposal(proposal)
        if written is not None:
            said = f"Wrote {written}; then: geoclust run {written}"
            stdout().print(said, highlight=False, markup=False, soft_wrap=True)
    return 0 if proposal.readable else EXIT_INPUT
