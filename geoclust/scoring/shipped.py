"""Frameworks inside the package, by name."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from geoclust.scoring.specs import refuse, unknown_choice

SHIPPED: Final = ("quantum", "wipo")
"""Frameworks inside the package, `frameworks/<name>.toml`."""


def expand(values: Any) -> Any:  # noqa: ANN401 - whatever stands in a study file
    """Fill in the shipped framework that plain values name; all else comes back as it is.

    Parameters
    ----------
    values
        A name ("wipo"), a mapping whose `name` is that of a shipped framework and that has no
        indicators of its own (its other keys change the framework), or anything else.

    Returns
    -------
    object
        A mapping for a name or such a mapping, else `values` itself.

    Raises
    ------
    ParameterError
        If a bare name is not that of a shipped framework.

    Examples
    --------
    >>> expand({"name": "wipo", "aggregate": "arithmetic"})["normalise"]
    'world_share'
    >>> expand({"name": "mine", "min_share": 0.5})
    {'name': 'mine', 'min_share': 0.5}
    """
    if isinstance(values, str):
        fault = unknown_choice("framework", values, SHIPPED)
        refuse([fault] if fault else [], "framework")
        return dict(shipped(values))
    if not isinstance(values, Mapping) or "indicators" in values:
        return values
    return {**shipped(values["name"]), **values} if values.get("name") in SHIPPED else values


@cache
def shipped(name: str) -> Mapping[str, Any]:
    """Plain values of a shipped framework.

    Examples
    --------
    >>> shipped("wipo")["normalise"]
    'world_share'
    """
    text = files("geoclust.scoring").joinpath("frameworks", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
