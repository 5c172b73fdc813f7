"""A scoring scheme as data: which indicators, which way is better, how they are put together."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import pandas as pd

from geoclust.catalogue import FACTORS
from geoclust.errors import InputError
from geoclust.scoring.normalising import NORMALISE
from geoclust.scoring.reading import read_scheme
from geoclust.scoring.rules import faults_of_scheme, less_is_better
from geoclust.scoring.scheme import Scheme
from geoclust.scoring.shipped import expand, shipped
from geoclust.scoring.specs import refuse


@dataclass(frozen=True, kw_only=True)
class Framework(Scheme):
    """A scoring scheme as data.

    Indicators are normalised over the regions given, weighted and put together to the score of
    each dimension, and, as `composite` says, to the total.  The defaults are competition ranks
    and their means throughout: a rank, and a score that is a mean rank, are better when less;
    every other score is better when more (`less_is_better`).

    Examples
    --------
    >>> Framework.quantum().dimensions
    ('market_orientation', 'collaboration_intensity', 'ecosystem_maturity')
    >>> Framework(normalise="logarithm")
    Traceback (most recent call last):
    geoclust.errors.FrameworkError: framework: normalise is 'logarithm'; known are: \
competition_rank, goalposts, min_max, percentile, world_share, z_score
    """

    def __post_init__(self) -> None:
        refuse(faults_of_scheme(self), "framework")

    @property
    def directions(self) -> pd.Series:
        """Direction of each indicator, by name."""
        return pd.Series({spec.name: spec.direction for spec in self.indicators}, dtype="int64")

    @property
    def weights(self) -> pd.Series:
        """Weight of each indicator as given, by name."""
        return pd.Series({spec.name: spec.weight for spec in self.indicators}, dtype="float64")

    @property
    def less_is_better(self) -> bool:
        """Whether the better total is the lesser (a mean rank) or the greater (a score)."""
        return less_is_better(self)[1]

    @property
    def treats_outliers(self) -> bool:
        """Whether indicators are treated by the handbook's rule before they are normalised."""
        auto = NORMALISE[self.normalise].treats_outliers
        return self.outliers == "handbook" or (self.outliers == "auto" and auto)

    @property
    def missing_rule(self) -> str:
        """What happens to missing values, in a sentence.

        Examples
        --------
        >>> Framework().missing_rule
        'A missing value counts as the place behind all that are known; a dimension with less \
than 67 % of its indicators known is not scored.'
        """
        return (
            f"A missing value counts as {NORMALISE[self.normalise].missing}; a dimension with "
            f"less than {self.min_share:.0%} of its indicators known is not scored."
        ).replace("%", " %")

    @classmethod
    def quantum(cls) -> Self:
        """Nine indicators in three dimensions, after Erixon et al. (2025), `catalogue.ECIPE`."""
        return cls.from_mapping(shipped("quantum"))

    @classmethod
    def wipo(cls) -> Self:
        """Share of patents plus share of publications, after WIPO's Global Innovation Index.

        Examples
        --------
        >>> framework = Framework.wipo()
        >>> framework.normalise, framework.aggregate, framework.dimensions
        ('world_share', 'sum', ('technology', 'science'))
        """
        return cls.from_mapping(shipped("wipo"))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a framework from a TOML file, such as those in `geoclust/scoring/frameworks`.

        Raises
        ------
        InputError
            If the file cannot be read as TOML in UTF-8.
        FrameworkError
            With all faults of the framework.
        """
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{path}: cannot be read as a framework: {error}") from error
        return cls.from_mapping(values)

    @classmethod
    def from_mapping(cls, mapping: Any) -> Self:  # noqa: ANN401 - checked here
        """Make a framework from plain values, such as a table of a TOML study file.

        Parameters
        ----------
        mapping
            Keys as the fields: composite a table, indicators a list of tables.  What is absent
            keeps its default, or takes it from the shipped framework named (see `expand`).

        Raises
        ------
        FrameworkError
            With all faults at once, each with its place: what is not of its kind or range, what
            does not go together, unknown keys and indicators with the nearest known name.

        Examples
        --------
        >>> Framework.from_mapping({"indicators": [{"name": "firm_cuont", "dimension": "size"}]})
        Traceback (most recent call last):
        geoclust.errors.FrameworkError: framework: indicators[0].name: unknown indicator \
'firm_cuont'; did you mean 'firm_count'?
        """
        return cls(**read_scheme(expand(mapping), cls))

    def by_factor(self) -> "Framework":
        """The same scheme with the kinds of factor in place of the dimensions.

        Indicators are grouped as firm-level, institutional or external; what is computed per
        dimension is then computed per kind of factor (and so is a total that is made of
        dimensions).  Weights of dimensions are dropped.

        Examples
        --------
        >>> Framework.quantum().by_factor().dimensions
        ('firm', 'institutional', 'external')
        """
        order = (*FACTORS, "unstated")
        specs = sorted(self.indicators, key=lambda spec: order.index(spec.factor_of))
        return replace(
            self,
            composite=replace(self.composite, weights={}),
            indicators=tuple(replace(spec, dimension=spec.factor_of) for spec in specs),
        )
