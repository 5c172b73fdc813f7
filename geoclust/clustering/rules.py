"""The rules by which regions are chosen, checked when made.

What is computed later may rely on them: sizes are whole numbers of at least two, lengths finite
where they must be, and the cut of "distance" lies where the hierarchy knows its components.
"""

import math
from dataclasses import dataclass
from numbers import Real
from typing import cast

from geoclust.errors import ParameterError
from geoclust.schema import WEIGHT_UNIT

METHODS = ("eom", "leaf", "distance")
SCALES = ("log", "inverse")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What `extract_regions` was asked for; its docstring says what each rule means."""

    min_cluster_size: int = 10
    cluster_selection_method: str = "eom"
    density_scale: str = "log"
    cluster_selection_epsilon_km: float = 0.0
    max_cluster_size: float | None = None
    max_extent_km: float | None = 200.0
    min_membership: float = 0.25
    allow_single_cluster: bool = False

    def __post_init__(self) -> None:
        faults = [*self._size_faults(), *self._choice_faults(), *self._length_faults()]
        if faults:
            raise ParameterError("; ".join(faults))

    def _size_faults(self) -> list[str]:
        least, most = self.min_cluster_size, self.max_cluster_size
        if not (is_whole(least) and least >= 2):  # noqa: PLR2004 - a pair
            wanted = "a whole number of at least 2: the weight that makes a region"
            return [f"min_cluster_size is {least!r}; it must be {wanted}"]
        if most is not None and not (is_number(most) and most >= least):
            wanted = f"a number of at least min_cluster_size, {least}, or None for no limit"
            return [f"max_cluster_size is {most!r}; it must be {wanted}"]
        return []

    def _choice_faults(self) -> list[str]:
        return [
            f"{name} is {value!r}; it must be one of {allowed}"
            for name, value, allowed in (
                ("cluster_selection_method", self.cluster_selection_method, METHODS),
                ("density_scale", self.density_scale, SCALES),
            )
            if value not in allowed
        ]

    def _length_faults(self) -> list[str]:
        faults = []
        epsilon, extent = self.cluster_selection_epsilon_km, self.max_extent_km
        if not (is_number(epsilon) and 0 <= epsilon < math.inf):
            faults.append(
                f"cluster_selection_epsilon_km is {epsilon!r}; it must be finite and not "
                "negative: regions are no finer than it, 0 for no such rule"
            )
        if extent is not None and not (is_number(extent) and extent > 0):
            faults.append(
                f"max_extent_km is {extent!r}; it must be positive: the greatest "
                "distance in km between two members, or None for no limit"
            )
        if not (is_number(self.min_membership) and 0 <= self.min_membership <= 1):
            faults.append(
                f"min_membership is {self.min_membership!r}; it must lie between 0, which keeps "
                "every member, and 1, which keeps only the densest"
            )
        return faults

    @property
    def least_units(self) -> int:
        """The weight that makes a region, in units of 1/`WEIGHT_UNIT`."""
        return int(self.min_cluster_size) * WEIGHT_UNIT

    def check_cut(self, resolution_km: float, max_link_km: float) -> None:
        """Raise `ParameterError` if the cut of "distance" lies where nothing is known."""
        cut = self.cluster_selection_epsilon_km
        if self.cluster_selection_method == "distance" and not resolution_km <= cut <= max_link_km:
            raise ParameterError(
                f"cluster_selection_epsilon_km is {cut:g}; as the cut of "
                f'cluster_selection_method="distance" it must lie between resolution_km, '
                f"{resolution_km:g}, and max_link_km, {max_link_km:g}"
            )


def is_number(value: object) -> bool:
    """Whether a value is a real number, not a truth value or NaN.

    Examples
    --------
    >>> is_number(2), is_number("2"), is_number(True), is_number(math.nan)
    (True, False, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN


def is_whole(value: object) -> bool:
    """Whether a value is a finite whole number.

    Examples
    --------
    >>> is_whole(5), is_whole(5.0), is_whole(5.5), is_whole(math.inf)
    (True, True, False, False)
    """
    return is_number(value) and float(cast("float", value)).is_integer()
