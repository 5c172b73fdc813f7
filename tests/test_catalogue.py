"""The list of indicators."""

import pytest

from geoclust.catalogue import INDICATORS, Indicator, nearest, unknown_indicators, unknown_keys


def test_every_indicator_is_described():
    for name, indicator in INDICATORS.items():
        assert indicator.name == name
        assert indicator.label
        assert indicator.unit
        assert indicator.formula
        assert indicator.source
        assert indicator.interval in {"", "Wilson", "Poisson"}
        assert (indicator.direction != 0) == bool(indicator.dimension)


def test_three_dimensions_of_three():
    dimensions = [entry.dimension for entry in INDICATORS.values() if entry.dimension]
    assert {name: dimensions.count(name) for name in dimensions} == {
        "market_orientation": 3,
        "collaboration_intensity": 3,
        "ecosystem_maturity": 3,
    }


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        INDICATORS["firm_count"] = None  # type: ignore[index]


def test_names_that_are_unknown():
    assert unknown_indicators(INDICATORS) == []
    assert unknown_indicators(["brokrage"]) == [
        "unknown indicator 'brokrage'; did you mean 'brokerage'?"
    ]
    assert unknown_keys(["name", "unit"], Indicator) == []
    assert nearest("qqq", ["b", "a"]) == "known are: a, b"
