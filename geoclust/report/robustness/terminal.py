"""A robustness experiment on a terminal: the bias of its draws first, then how firm ranks are."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from geoclust.report.robustness.tables import FOLDER, firmness
from geoclust.report.terminal.summaries import SHOWN, plain_console, print_remarks
from geoclust.robustness import Robustness, Sensitivity
from geoclust.study import Study

HALF = 0.5


def print_robustness(
    study: Study,
    robustness: Robustness,
    sensitivity: Sensitivity | None,
    out: Path,
    *,
    console: Console | None = None,
) -> None:
    """Print the bias, the ranking with its intervals, what counts for most, where the rest is."""
    console = console or plain_console()
    off = robustness.bias["off_centre"].to_numpy(dtype=bool)
    console.print(
        Text(
            f"{study.config.name}: {len(robustness.draws):,} draws of the whole chain, seed "
            f"{robustness.seed}; {len(robustness.variation.inputs)} inputs vary"
        )
    )
    console.print(_bias(robustness.bias))
    console.print(Text(_centre(robustness.bias.index[off].tolist())), soft_wrap=True)
    table = firmness(study, robustness)
    ranked = table[table["rank"].notna()]
    if len(ranked):
        console.print(_ranking(ranked.head(SHOWN)))
        console.print(
            Text(
                "low, high: ranks at 5 and 95 % of the draws; cluster to gone: shares of the draws"
                + ("; * off centre" if bool(ranked["off_centre"].any()) else "")
            )
        )
    if len(ranked) > SHOWN:
        console.print(Text(f"... and {len(ranked) - SHOWN} more in {FOLDER}/ranks.csv"))
    _print_others(table[table["rank"].isna()], console)
    if sensitivity is not None:
        moved = sensitivity.variance > 0
        console.print(_indices(sensitivity) if moved else Text("No rank moves, whatever varies"))
    print_remarks(study, console)
    console.print(Text(f"Tables: {out / FOLDER}"), soft_wrap=True)
    console.print(Text(f"Report: {out / 'report.html'}"), soft_wrap=True)


def _bias(bias: pd.DataFrame) -> Table:
    table = _table(("draws against the study", "study", "median", "low", "high", ""))
    for measure, row in bias.iterrows():
        numbers = [f"{float(row[name]):.3g}" for name in ("study", "median", "low", "high")]
        table.add_row(Text(str(measure)), *numbers, "off centre" if row["off_centre"] else "")
    return table


def _centre(off: list[str]) -> str:
    if not off:
        return (
            "None of these is off centre: at most three quarters of the draws lie on one side of "
            "the study."
        )
    return (
        f"The draws are off centre in {', '.join(off)}: over three quarters of them lie on one "
        "side of the study. Read the shares below as the draws', not as odds on the study."
    )


def _ranking(rows: pd.DataFrame) -> Table:
    head = ("rank", "cluster", "median", "low", "high", "top ten")
    table = _table((*head, "cluster", "quasi", "none", "gone"), left=1)
    for row in rows.to_dict("records"):
        star = "*" if row["off_centre"] else ""
        shares = [row[name] for name in ("top_ten", "cluster", "quasi_cluster", "none", "vanished")]
        table.add_row(
            f"{row['rank']}{star}",
            Text(str(row["name"])),
            *(f"{row[name]:.0f}" for name in ("median", "low", "high")),
            *(f"{100 * share:.0f} %" for share in shares),
        )
    return table


def _print_others(rows: pd.DataFrame, console: Console) -> None:
    """Regions that are no cluster in the study and are one in half of the draws."""
    close = rows[rows["cluster"] >= HALF].sort_values("cluster", ascending=False, kind="stable")
    if len(close):
        named = [
            f"{name} ({100 * share:.0f} %)"
            for name, share in zip(close["name"], close["cluster"], strict=True)
        ]
        console.print(
            Text(f"No cluster in the study, one in half of the draws: {', '.join(named)}"),
            soft_wrap=True,
        )


def _indices(sensitivity: Sensitivity) -> Table:
    table = _table(("what moves the ranks", "total", "95 %", "alone", "95 %"))
    for name, row in sensitivity.table.sort_values("total", ascending=False).iterrows():
        cells = []
        for kind in ("total", "first"):
            low, high = row[f"{kind}_low"], row[f"{kind}_high"]
            cells += [f"{row[kind]:.2f}", f"{low:.2f} to {high:.2f}"]
        table.add_row(Text(str(name)), *cells)
    return table


def _table(headings: tuple[str, ...], left: int = 0) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at == left else "right")
    return table
