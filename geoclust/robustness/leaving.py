"""What can be said of the study's ranks without a draw: indicators left out, dominance."""

import numpy as np
import pandas as pd

from geoclust.robustness.schemes import without
from geoclust.scoring import Framework, score_matrix
from geoclust.sphere import Floats
from geoclust.study import Study


def leave_one_out(study: Study) -> pd.DataFrame:
    """Ranks of the study's clusters without each indicator in turn; nothing else varies.

    Parameters
    ----------
    study
        A finished study.

    Returns
    -------
    DataFrame
        Index `region_id`, best first; `all`, then one column per indicator left out (none where
        there is only one).

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     leave_one_out(run_study(folder)).shape[1]
    10
    """
    table, framework = study.scores.table, study.scores.framework
    ranks = {"all": table["rank"].astype("Int64")}
    names = [spec.name for spec in framework.indicators]
    for name in names if len(names) > 1 else ():
        part = without(framework, name)
        found = score_matrix(_values(study, part), part).rank if len(table) else np.zeros(0)
        ranks[name] = pd.Series(found, index=table.index).astype("Int64")
    return pd.DataFrame(ranks, index=table.index)


def dominance(study: Study) -> pd.DataFrame:
    """Which of the study's clusters are better than others whatever the weights.

    One dominates another if it is at least as good in every indicator and better in one.
    A missing value counts as the place behind all that are known.  A cluster's rank, by whatever
    positive weights and by any aggregation that follows the order of each indicator, lies between
    best_rank and worst_rank.

    Parameters
    ----------
    study
        A finished study.

    Returns
    -------
    DataFrame
        Index `region_id`, best first; dominates, dominated_by, best_rank, worst_rank.

    Examples
    --------
    >>> import tempfile
    >>> from geoclust import synthetic
    >>> from geoclust.study import run_study
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     synthetic.write_toy_world(folder)
    ...     list(dominance(run_study(folder)).columns)
    ['dominates', 'dominated_by', 'best_rank', 'worst_rank']
    """
    framework, index = study.scores.framework, study.scores.table.index
    values = _values(study, framework) * framework.directions.to_numpy()
    goods = np.where(np.isnan(values), -np.inf, values)
    at_least = (goods[:, None, :] >= goods[None, :, :]).all(axis=2)
    over = at_least & ~at_least.T
    dominates, below = over.sum(axis=1), over.sum(axis=0)
    table = {
        "dominates": dominates,
        "dominated_by": below,
        "best_rank": below + 1,
        "worst_rank": len(index) - dominates,
    }
    return pd.DataFrame(table, index=index)


def _values(study: Study, framework: Framework) -> Floats:
    """Indicators of the study's clusters, best first, in the order of the framework."""
    names = [spec.name for spec in framework.indicators]
    table = study.indicators.loc[study.scores.table.index, names]
    return table.to_numpy(dtype=np.float64)
