"""`geoclust explain`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from geoclust.cli.app import app
from geoclust.cli.options import Flag
from geoclust.cli.support import load, print_json, stdout
from geoclust.errors import EXIT_OURS


@app.command
def explain(
    study: Path,
    subject: str,
    indicator: str | None = None,
    /,
    *,
    all: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002 - as it is written
    rows: Annotated[int, Parameter(validator=Number(gte=1))] = 20,
    json: Flag = False,
) -> int:
    """Follow one number to its formula, the records, ties and places counted, and its sources.

    The number is worked out anew and compared with the one reported: where they differ, that is
    said and the exit status is 1.

    Parameters
    ----------
    study
        A folder of results, or a study file or folder of tables (then the study is run first).
    subject
        A region, such as gb-cambridge; a record id, for the numbers it enters; or drivers, for
        what separates clusters from quasi-clusters.
    indicator
        A column of regions.csv, scores.csv or network.csv (of gaps.csv: gap_cost and so on;
        of peers.csv: peer_1 and so on; of robustness/: draws_high and so on);
        without it every number of the region is worked out anew and listed.
    all
        Show lists whole.
    rows
        Rows of each list that are shown.
    json
        Print everything as JSON on standard output.
    """
    from geoclust.explanation.answering import answer  # noqa: PLC0415 - keeps --help fast
    from geoclust.study import read_results, run_study  # noqa: PLC0415
    from geoclust.study.results import is_results  # noqa: PLC0415

    found = read_results(study) if is_results(study) else run_study(load(study, strict=False))
    told = answer(found, subject, indicator)
    if json:
        print_json(told.to_dict())
    else:
        text = told.to_text(rows=None if all else rows)
        stdout().print(text, highlight=False, markup=False, soft_wrap=True)
    return 0 if told.agrees else EXIT_OURS
