"""How much each normalised indicator counts.

Every function returns weights that sum to 1 per region, except `benefit_of_the_doubt`, whose
weights are the ones the programme finds.  An indicator that no region has is not passed in.
"""

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoclust.sphere import Floats

WEIGHTINGS: Final = ("given", "equal", "pca", "benefit_of_the_doubt")
NO_SPREAD: Final = 1e-9
"""An indicator whose normalised values spread less than this does not vary."""
LEAST_REGIONS: Final = 3
"""Below so many regions correlations say nothing and principal components weigh equally."""
VARIMAX_ROUNDS: Final = 100
SOLVER: Final = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
WEIGHT_DIGITS: Final = 12
"""Beyond these decimals the order of the rows would show."""


def principal_components(values: Floats) -> Floats:
    """Weights from the correlations of the indicators, the handbook's way [1]_.

    The principal components of the correlation matrix with eigenvalues above 1 (the first in any
    case) are rotated by varimax; an indicator weighs what its largest squared loading is among
    the sum of all.  So indicators that move together weigh most where they load on the same
    component: these weights speak of redundancy, not of importance, and change with the field.

    Indicators that do not vary weigh 0; if none varies, or below three regions, all weigh alike.

    Parameters
    ----------
    values
        Regions x indicators, normalised, nothing missing.

    Returns
    -------
    ndarray
        One weight per indicator, summing to 1.

    References
    ----------
    .. [1] OECD and JRC (2008), Handbook on Constructing Composite Indicators, section 6.1, after
       Nicoletti, Scarpetta and Boylaud (2000), OECD Economics Department Working Paper 226.

    Examples
    --------
    >>> values = np.array([[1.0, 1, 3], [2, 2, 1], [3, 3, 2], [4, 4, 2.5]])
    >>> principal_components(values).round(3).tolist()
    [0.494, 0.494, 0.011]
    """
    n, k = values.shape
    varies = _varies(values)
    if n < LEAST_REGIONS or not varies.any():
        return np.full(k, 1.0 / k)
    weight = np.zeros(k)
    weight[varies] = _largest_squared_loadings(values[:, varies])
    return np.asarray(np.round(weight / weight.sum(), WEIGHT_DIGITS))


def benefit_of_the_doubt(values: Floats) -> Floats:
    """Each region's own most favourable weights, by which no region scores above 1 [1]_.

    Per region a linear programme: the weights, at least 0, that make its weighted sum greatest
    while the same weights give every region at most 1.  Lenient by design: who leads in any one
    indicator scores 1, so several usually share the first place, and single indicators may weigh
    nothing.  An indicator that does not vary would give 1 to all and is left out, unless none does.

    Parameters
    ----------
    values
        Regions x indicators, normalised so that more is better, at least 0, nothing missing.

    Returns
    -------
    ndarray
        Regions x indicators; the weighted sum is the score, 0 to 1.  Where several sets of
        weights are best one of them is returned; the score is the same.

    References
    ----------
    .. [1] Melyn and Moesen (1991), Public Economics Research Paper 17, KU Leuven; Cherchye,
       Moesen, Rogge and Van Puyenbroeck (2007), Social Indicators Research 82(1).

    Examples
    --------
    >>> values = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.2, 0.4]])
    >>> (benefit_of_the_doubt(values) * values).sum(axis=1).round(6).tolist()
    [1.0, 1.0, 1.0, 0.6]
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - heavy

    found = np.zeros(values.shape)
    varies = _varies(values)
    used = np.flatnonzero(varies if varies.any() else np.ones(values.shape[1], dtype=bool))
    field, place = np.unique(values[:, used], axis=0, return_inverse=True)
    first = _undominated(field)
    limits, weight = np.ones(len(first)), np.zeros(field.shape)
    for at, row in enumerate(field):
        if row.any():
            best = linprog(-row, A_ub=first, b_ub=limits, method="highs", options=SOLVER)
            weight[at] = np.round(np.where(row > 0, best.x, 0.0), WEIGHT_DIGITS)
    found[:, used] = weight[place.ravel()]
    return found


def _undominated(field: Floats) -> Floats:
    """Rows of distinct ones that no other reaches in every column: none else limits weights."""
    keeps = [not ((field >= row).all(axis=1).sum() > 1) for row in field]
    return np.asarray(field[np.array(keeps, dtype=bool)])


def _varies(values: Floats) -> NDArray[np.bool_]:
    """Which columns vary; of no region, none does."""
    spread = values.std(axis=0) if len(values) else np.zeros(values.shape[1])
    return np.asarray(spread > NO_SPREAD)


def _largest_squared_loadings(values: Floats) -> Floats:
    if values.shape[1] == 1:
        return np.ones(1)
    size, direction = np.linalg.eigh(np.corrcoef(values, rowvar=False))
    size, direction = size[::-1], direction[:, ::-1]
    kept = size > 1.0 + NO_SPREAD
    kept[0] = True
    loadings = direction[:, kept] * np.sqrt(size[kept])
    return np.asarray((varimax(loadings) ** 2).max(axis=1))


def varimax(loadings: Floats) -> Floats:
    """Loadings rotated so that the variance of their squares is greatest.

    Kaiser (1958), Psychometrika 23(3): pair by pair, each to its exact optimum.

    Examples
    --------
    >>> turned = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    >>> np.abs(varimax(turned)).round(6).tolist() in ([[1, 0], [0, 1]], [[0, 1], [1, 0]])
    True
    """
    turned = np.array(loadings, dtype=np.float64)
    pairs = list(itertools.combinations(range(turned.shape[1]), 2))
    for _ in range(VARIMAX_ROUNDS if pairs else 0):
        angles = [_turn(turned, first, second) for first, second in pairs]
        if max(map(abs, angles)) < NO_SPREAD:
            break
    return turned


def _turn(loadings: Floats, first: int, second: int) -> float:
    """Turn two components, in place, to where the variance of their squares is greatest."""
    x, y = loadings[:, first].copy(), loadings[:, second].copy()
    apart, both, n = x**2 - y**2, 2.0 * x * y, len(x)
    rise = 2.0 * (apart @ both) - 2.0 * apart.sum() * both.sum() / n
    run = apart @ apart - both @ both - (apart.sum() ** 2 - both.sum() ** 2) / n
    angle = float(np.arctan2(rise, run)) / 4.0 if np.hypot(rise, run) > NO_SPREAD else 0.0
    loadings[:, first] = np.cos(angle) * x + np.sin(angle) * y
    loadings[:, second] = np.cos(angle) * y - np.sin(angle) * x
    return angle
