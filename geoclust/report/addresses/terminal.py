"""On a terminal: what hangs on the precision of coordinates, and on whose address counts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.report.terminal.summaries import SHOWN, plain_console
from geoclust.robustness import Bases, Centroids
from geoclust.schema import PRECISIONS
from geoclust.study import Study

CERTAIN = 0.8
"""Share of the draws above which a region is said to stand."""


def print_centroids(
    study: Study, found: Centroids, out: Path | None, *, console: Console | None = None
) -> None:
    """Print how far records were spread, how much stayed, and the regions that did not."""
    console = console or plain_console()
    table, draws = found.regions, found.draws
    radii = ", ".join(f"{name} {km:g}" for name, km in found.jitter_km.items())
    how = "records of one place together" if found.together else "each record by itself"
    console.print(
        Text(
            f"{study.config.name}: records spread within their precision {len(draws)} times, {how} "
            f"(radius in km: {radii})"
        ),
        soft_wrap=True,
    )
    low, high = draws["agreement"].min(), draws["agreement"].max()
    console.print(
        Text(
            f"Agreement with the study (adjusted Rand, 1 the same): median "
            f"{draws['agreement'].median():.2f}, {low:.2f} to {high:.2f}; regions "
            f"{draws['regions'].median():.0f} (study {len(table)}), clusters "
            f"{draws['clusters'].median():.0f} (study {study.status_counts['cluster']})"
        ),
        soft_wrap=True,
    )
    judged = table[table["status"] != "none"]
    if len(judged):
        console.print(_regions(judged.head(SHOWN)))
    if len(judged) > SHOWN:
        console.print(Text(f"... and {len(judged) - SHOWN} more clusters and quasi-clusters"))
    console.print(Text(_verdict(table, judged)), soft_wrap=True)
    if out is not None:
        console.print(Text(f"Table: {out}"), soft_wrap=True)


def _verdict(table: pd.DataFrame, judged: pd.DataFrame) -> str:
    hangs = judged[judged["hangs"]]
    firm = int((judged["same_status_share"] >= CERTAIN).sum())
    named = ", ".join(hangs["name"].astype("str")) or "none"
    lost = int((table["found_share"] < 1 / 2).sum())
    return (
        f"Of {len(judged)} clusters and quasi-clusters, {firm} keep their status in at least "
        f"{CERTAIN:.0%} of the draws; in fewer than half (they hang on where geocodes put their "
        f"records): {named}. Of all {len(table)} regions, {lost} are found "
        "in fewer than half. Spread records cover more ground, so density falls: bars set for "
        "points are severe on them; read the table as an order, not as a verdict."
    ).replace("%", " %")


def _regions(rows: pd.DataFrame) -> Table:
    present = [word for word in PRECISIONS if rows[f"share_{word}"].gt(0).any()]
    heads = ["", "region", "status", "weight", *(f"{word} %" for word in present)]
    heads += ["one place %", "found %", "cluster %", "quasi %", "weight kept %"]
    shares = [*(f"share_{word}" for word in present), "heaviest_share", "found_share"]
    shares += ["cluster_share", "quasi_share", "kept_weight"]
    body = []
    for row in rows.to_dict("records"):
        mark = "!" if row["hangs"] else ""
        told = [f"{100 * row[name]:.0f}" for name in shares]
        body.append([mark, row["name"], row["status"], f"{row['weight']:.6g}", *told])
    return _table(heads, body, left=3)


def print_bases(found: Bases, out: Path | None, *, console: Console | None = None) -> None:
    """Print how many patents move, the regions this changes, and where patents go."""
    console = console or plain_console()
    counts = found.counts
    half = f", half of them more than {counts['median_km']:.0f} km away" if counts["moved"] else ""
    console.print(
        Text(
            f"{found.inventor.config.name}: {counts['moved']:,.0f} of {counts['patents']:,.0f} "
            f"patents (weight {counts['moved_weight']:.6g} of {counts['weight']:.6g}) stand "
            f"elsewhere at their applicant's address than at their own{half}; agreement of the "
            f"regions {counts['agreement']:.2f} (adjusted Rand, 1 the same)"
        ),
        soft_wrap=True,
    )
    if counts["without_applicant"]:
        console.print(
            Text(
                f"{counts['without_applicant']:,.0f} patents (weight "
                f"{counts['without_applicant_weight']:.6g}) have no applicant's address and stay "
                "at their own"
            ),
            soft_wrap=True,
        )
    table = found.regions
    changed = table[_differs(table)]
    if len(changed):
        console.print(_by_basis(changed.head(SHOWN)))
    console.print(Text(_told(table, changed)), soft_wrap=True)
    if len(found.moves):
        top = found.moves.head(5).itertuples(index=False, name=None)
        told = "; ".join(f"{a} to {b}: {n} ({weight:.4g})" for a, b, n, weight in top)
        console.print(Text(f"Most patents go from {told}"), soft_wrap=True)
    if out is not None:
        console.print(Text(f"Table: {out}"), soft_wrap=True)


def _differs(table: pd.DataFrame) -> "pd.Series[bool]":
    other = table["status_inventor"].fillna("") != table["status_applicant"].fillna("")
    return other | (table["patents_lost"] > 0) | (table["patents_gained"] > 0)


def _told(table: pd.DataFrame, changed: pd.DataFrame) -> str:
    moved = table["status_inventor"].fillna("gone") != table["status_applicant"].fillna("gone")
    more = f"; {len(changed) - SHOWN} more of them in the table" if len(changed) > SHOWN else ""
    return (
        f"Patents differ in {len(changed)} of {len(table)} regions, the status in "
        f"{int(moved.sum())}{more}"
    )


def _by_basis(rows: pd.DataFrame) -> Table:
    heads = ["region", "patents: inventor", "applicant", "lost", "gained", "status: inventor"]
    body = []
    for row in rows.to_dict("records"):
        numbers = ("patents_inventor", "patents_applicant", "patents_lost", "patents_gained")
        body.append(
            [
                row["name"],
                *(f"{row[name]:.6g}" for name in numbers),
                *(_status(row[f"status_{basis}"]) for basis in ("inventor", "applicant")),
            ]
        )
    return _table([*heads, "applicant"], body, left=1)


def _status(value: Any) -> str:  # noqa: ANN401 - a cell
    return value if isinstance(value, str) else "no region"


def _table(heads: Iterable[str], body: Iterable[list[Any]], *, left: int) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for at, heading in enumerate(heads):
        table.add_column(heading, justify="left" if at < left else "right")
    for row in body:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table
