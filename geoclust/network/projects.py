"""Projects of several partners as fractional ties between each two of them."""

import pandas as pd

from geoclust.schema import TIE_DTYPES, Ties, conform, require_columns


def project_ties(members: pd.DataFrame) -> Ties:
    """Ties between all partners of each project, from a list of who took part in what.

    Parameters
    ----------
    members
        Columns project, organisation; further columns of ties (weight, partner_count where not all
        partners are listed, year, kind, source) are taken from each project's first row.  A partner
        named twice counts once.

    Returns
    -------
    Ties
        One row per project and pair of its partners, with a column project: `build_network` then
        gives each pair of a project of n partners 1/(n-1) of the weight, so that each partner's
        ties in one project sum to it [1]_.  A project of one partner makes no tie.

    Raises
    ------
    SchemaError
        If a column is missing.

    References
    ----------
    .. [1] M. E. J. Newman (2001), Scientific collaboration networks II, Physical Review E 64.

    Examples
    --------
    >>> members = pd.DataFrame({"project": ["p"] * 3, "organisation": ["c", "a", "b"]})
    >>> project_ties(members)[["project", "organisation_a", "organisation_b"]].to_numpy().tolist()
    [['p', 'a', 'b'], ['p', 'a', 'c'], ['p', 'b', 'c']]
    """
    require_columns(members, ["project", "organisation"], "members")
    known = members.dropna(subset=["project", "organisation"])
    known = known.astype({"project": "str", "organisation": "str"})
    facts = known.drop(columns="organisation").drop_duplicates("project")
    partners = known[["project", "organisation"]].drop_duplicates()
    partners = partners.sort_values(["project", "organisation"], ignore_index=True)
    both = partners.merge(partners, on="project", suffixes=("_a", "_b"))
    both = both[both["organisation_a"] < both["organisation_b"]]
    ties = both.merge(facts, on="project", how="left").reset_index(drop=True)
    return Ties(conform(ties.assign(partner_count=_partners(ties)), TIE_DTYPES))


def project_shares(ties: pd.DataFrame) -> pd.Series:
    """Share of its weight each row counts with: 1/(n-1) in a project of n partners, else 1.

    n is `partner_count` where the ties have it, else the number of organisations that the rows of
    the project name, known to the study or not.

    Examples
    --------
    >>> rows = [["p", "a", "b"], ["p", "a", "c"], ["p", "b", "c"], [None, "a", "b"]]
    >>> project_shares(pd.DataFrame(rows, columns=["project", "organisation_a", "organisation_b"]))
    0    0.5
    1    0.5
    2    0.5
    3    1.0
    dtype: float64
    """
    others = (_partners(ties).astype("float64") - 1.0).clip(lower=1.0).fillna(1.0)
    return (1.0 / others).rename(None)


def _partners(ties: pd.DataFrame) -> pd.Series:
    """Number of partners of each row's project: as stated, else all that its rows name."""
    stated = pd.Series(pd.NA, index=ties.index, dtype="Int64")
    if "partner_count" in ties:
        stated = ties["partner_count"].astype("Int64")
    if "project" not in ties:
        return stated
    ends = [
        ties[["project", f"organisation_{end}"]].set_axis(["project", "end"], axis=1)
        for end in "ab"
    ]
    named = pd.concat(ends).dropna().drop_duplicates().groupby("project").size()
    return stated.fillna(ties["project"].map(named).astype("Int64"))
