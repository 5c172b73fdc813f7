"""Sobol indices: how much of a number's variance each of its inputs answers for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoclust.display import Listing, card
from geoclust.errors import ParameterError
from geoclust.sphere import Floats, Ints

RESAMPLES: Final = 1000
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, eq=False)
class Design:
    """Points at which a function is to be run: A, B, then A with each input of B in turn."""

    points: Floats
    """N (k + 2) x columns, each 0 to 1."""
    names: tuple[str, ...]
    n: int


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices of one number."""

    table: pd.DataFrame
    """Index `input`: first (share of the variance due to it alone), total (with all its
    interplay), each with `_low` and `_high` (bootstrap, 95 %)."""
    mean: float
    variance: float
    runs: int
    seed: int = 0
    fingerprint: str = ""
    """As `Robustness.fingerprint`; empty for a function that is no study."""
    seconds: float = 0.0
    """How long the runs of a study took, without what a checkpoint held already."""

    def __repr__(self) -> str:
        most = self.table["total"].idxmax() if len(self.table) else "nothing"
        return (
            f"<Sensitivity: {self.runs:,} runs of {len(self.table)} inputs, mean {self.mean:.4g}, "
            f"variance {self.variance:.4g}; {most} counts for most>"
        )

    def _repr_html_(self) -> str:
        facts = {"runs": self.runs, "mean": self.mean, "variance": self.variance}
        table = self.table.sort_values("total", ascending=False, kind="stable")
        listing = Listing(
            "Share of the variance: alone (first) and with all interplay (total)", table
        )
        return card("Sensitivity", facts=facts, listings=[listing])


def sobol_indices(
    function: Callable[[Floats], Floats],
    inputs: Sequence[str] | Mapping[str, int],
    *,
    n: int = 1024,
    seed: int = 0,
) -> Sensitivity:
    """First-order and total Sobol indices of a function of inputs between 0 and 1.

    Takes n (k + 2) runs for k inputs.  First-order indices are estimated after Saltelli et al.
    (2010), total indices after Jansen (1999), on scrambled Sobol points; intervals are from
    resampled points, as if these were independent.  Where the function does not vary, all
    indices are 0.

    Parameters
    ----------
    function
        Takes points (rows x columns, 0 to 1), gives one number per row.
    inputs
        Names, one column each; or name to number of columns, for groups that vary together.
    n
        Base points; a power of two is best.
    seed
        Of the points and the intervals.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ParameterError
        If n is below 2, an input has no column, or a value of the function is not finite.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181; Jansen (1999), ibid. 117.

    Examples
    --------
    >>> found = sobol_indices(lambda x: x[:, 0] + 2 * x[:, 1], ["a", "b"], n=256)
    >>> found.table["first"].round(2).tolist()
    [0.2, 0.8]
    """
    plan = design(inputs, n=n, seed=seed)
    return indices(plan, np.asarray(function(plan.points), dtype=np.float64), seed=seed)


def design(inputs: Sequence[str] | Mapping[str, int], *, n: int, seed: int) -> Design:
    """The points of `sobol_indices`."""
    from scipy.stats import qmc  # noqa: PLC0415 - heavy

    columns = dict(inputs) if isinstance(inputs, Mapping) else dict.fromkeys(inputs, 1)
    if n < 2:  # noqa: PLR2004
        raise ParameterError(f"n is {n!r}; want a whole number of at least 2")
    if not columns or min(columns.values()) < 1:
        raise ParameterError(f"inputs are {columns!r}; want at least one, of a column at least")
    width = sum(columns.values())
    engine = qmc.Sobol(2 * width, scramble=True, seed=np.random.default_rng(seed))
    base = engine.random_base2(int(np.ceil(np.log2(n))))[:n]
    a, b = base[:, :width], base[:, width:]
    ends = np.cumsum(list(columns.values()))
    mixed = []
    for end, wide in zip(ends, columns.values(), strict=True):
        part = a.copy()
        part[:, end - wide : end] = b[:, end - wide : end]
        mixed.append(part)
    return Design(np.concatenate([a, b, *mixed]), tuple(columns), n)


def indices(plan: Design, values: Floats, *, seed: int) -> Sensitivity:
    """Indices from the values at the points of a design."""
    if values.shape != (len(plan.points),) or not np.isfinite(values).all():
        raise ParameterError(
            f"the function gave {values.shape} values for {len(plan.points)} points, "
            f"{int((~np.isfinite(values)).sum())} of them not finite; want one finite number each"
        )
    a, b, *mixed = values.reshape(len(plan.names) + 2, plan.n)
    every = np.arange(plan.n)[None, :]
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1,)))
    again = rng.integers(plan.n, size=(RESAMPLES, plan.n))
    rows: dict[str, dict[str, float]] = {}
    tails = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    for name, part in zip(plan.names, mixed, strict=True):
        rows[name] = {}
        for kind, share in (("first", _first), ("total", _total)):
            low, high = np.quantile(share(a, b, part, again), tails)
            value = float(share(a, b, part, every)[0])
            rows[name] |= {kind: value, f"{kind}_low": float(low), f"{kind}_high": float(high)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("input")
    both = np.concatenate([a, b])
    return Sensitivity(table, float(both.mean()), float(both.var()), len(plan.points), seed)


def _first(a: Floats, b: Floats, mixed: Floats, rows: Ints) -> Floats:
    """Saltelli et al. (2010), table 2 (b); centred, which changes nothing but the error."""
    middle = np.concatenate([a[rows], b[rows]], axis=1).mean(axis=1, keepdims=True)
    return _share(((b[rows] - middle) * (mixed - a)[rows]).mean(axis=1), a, b, rows)


def _total(a: Floats, b: Floats, mixed: Floats, rows: Ints) -> Floats:
    """Jansen (1999)."""
    return _share(((a - mixed)[rows] ** 2).mean(axis=1) / 2, a, b, rows)


def _share(part: Floats, a: Floats, b: Floats, rows: Ints) -> Floats:
    variance = np.concatenate([a[rows], b[rows]], axis=1).var(axis=1)
    tiny = variance <= np.finfo(np.float64).eps * max(1.0, float(np.abs(a).max()) ** 2)
    return np.asarray(np.where(tiny, 0.0, part / np.where(tiny, 1.0, variance)))
