"""The rules by which regions are chosen, checked when made."""

import math
from dataclasses import dataclass

from geoclust.errors import ParameterError

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
        faults = []
        least = self.min_cluster_size
        if isinstance(least, bool) or not _is_whole(least) or least < 2:  # noqa: PLR2004 - a pair
            faults.append(
                f"min_cluster_size is {least!r}; it must be a whole number of at least 2: "
                "the weight that makes a region"
            )
        elif self.max_cluster_size is not None and not self.max_cluster_size >= least:
            faults.append(
                f"max_cluster_size is {self.max_cluster_size!r}; it must be at least "
                f"min_cluster_size, {least}, or None for no limit"
            )
        return faults

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
        epsilon = self.cluster_selection_epsilon_km
        if not 0 <= epsilon < math.inf:
            faults.append(
                f"cluster_selection_epsilon_km is {epsilon!r}; it must be finite and not "
                "negative: regions are no finer than it, 0 for no such rule"
            )
        if self.max_extent_km is not None and not self.max_extent_km > 0:
            faults.append(
                f"max_extent_km is {self.max_extent_km!r}; it must be positive: the greatest "
                "distance in km between two members, or None for no limit"
            )
        if not 0 <= self.min_membership <= 1:
            faults.append(
                f"min_membership is {self.min_membership!r}; it must lie between 0, which keeps "
                "every member, and 1, which keeps only the densest"
            )
        return faults

    def check_cut(self, resolution_km: float, max_link_km: float) -> None:
        """Raise `ParameterError` if the cut of "distance" lies where nothing is known."""
        cut = self.cluster_selection_epsilon_km
        if self.cluster_selection_method == "distance" and not resolution_km <= cut <= max_link_km:
            raise ParameterError(
                f"cluster_selection_epsilon_km is {cut:g}; as the cut of "
                f'cluster_selection_method="distance" it must lie between resolution_km, '
                f"{resolution_km:g}, and max_link_km, {max_link_km:g}"
            )


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and number == int(number)
