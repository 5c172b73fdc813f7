"""Every number in a brief is one of the study's tables; what is missing is called unknown."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.catalogue import INDICATORS
from geoclust.study import write_briefs
from geoclust.study.briefs import amount

QUANTUM = Path(__file__).parents[1] / "data" / "quantum"
LABELS = {one.label: one.name for one in INDICATORS.values()}
NUMBER = r"(?:USD )?[\d,]+(?:\.\d+)?(?: (?:thousand|million|billion|trillion))?(?: %)?"
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "%": 0.01}


@pytest.fixture(scope="module")
def study():
    return gc.run_study(QUANTUM / "study.toml")


def read(text):
    """The number that a text of a brief means."""
    words = text.replace("USD ", "").replace(",", "").split(" ")
    return float(words[0]) * np.prod([SCALES[word] for word in words[1:]])


def close(text, value):
    """Whether a text says a value as exactly as its digits go."""
    return read(text) == pytest.approx(value, rel=0.0051, abs=1e-12)


def each(study):
    names = study.regions["name"].to_dict()
    for region_id, text in study.briefs.items():
        yield region_id, names[region_id], text


def found(pattern, text):
    match = re.search(pattern, text)
    assert match, (pattern, text)
    return match.groups()


def test_there_is_a_brief_for_each_region_in_order(study):
    assert study.briefs.index.equals(study.regions.index)
    assert study.briefs.str.len().between(200, 1500).all()
    assert not study.briefs.str.contains(r"nan|None|<NA>|_|  ").any()
    pd.testing.assert_series_equal(write_briefs(study), study.briefs)


def test_what_a_region_is_and_how_many_are_in_it(study):
    for region_id, name, text in each(study):
        judged, measured = (
            study.classification.table.loc[region_id],
            study.indicators.loc[region_id],
        )
        what = {
            "cluster": "a cluster in ",
            "quasi-cluster": f"a quasi-cluster of tier {judged['tier']} in ",
            "none": "neither a cluster nor a quasi-cluster in ",
        }[judged["status"]]
        assert text.startswith(f"{name} is {what}")
        firms, labs, places = found(
            r": (?:(\d+) firms?)?(?: and )?(?:(\d+) labs?)? at (\d+) place", text
        )
        assert int(firms or 0) == measured["firm_count"]
        assert int(labs or 0) == measured["lab_count"]
        assert int(places) == study.regions.at[region_id, "location_count"]
        for one in re.findall(r"\b1 (?:firm|lab|place|record|tied pair)s\b", text):
            pytest.fail(f"{one}: {text}")


def test_values_bars_and_margins(study):
    tests = study.classification.tests.set_index(["region_id", "test"])
    for region_id, _, text in each(study):
        pattern = r"density, ([\d.]+) .*? km², is (.*?) the bar of a cluster, ([\d.]+); "
        pattern += r"its capability, ([\d.]+), is (.*?) the bar, ([\d.]+)\."
        groups = found(pattern, text)
        for name, (value, margin, bar) in zip(
            ("cluster density", "cluster capability"), (groups[:3], groups[3:]), strict=True
        ):
            row = tests.loc[(region_id, name)]
            assert value == f"{row['value']:.2f}"
            assert float(bar) == row["bar"]
            if margin in {"at", "just below"}:
                assert abs(row["margin"]) <= 0.005
                assert (margin == "at") == row["passed"]
            else:
                percent, side = found(r"(\d+) % (above|below)", margin)
                assert int(percent) == round(100 * abs(row["margin"]))
                assert (side == "above") == (row["margin"] > 0) == row["passed"]


def test_criteria(study):
    indicator = {one.name: one.indicator for one in study.config.thresholds.criteria}
    for region_id, _, text in each(study):
        rows = study.classification.criteria
        rows = rows[rows["region_id"] == region_id].set_index("criterion")
        (told,) = found(r"Of what capability asks for it has: (.*?)\.(?: |\n)", text)
        for part in told.split("; "):
            level, _, names = part.partition(", ")
            for name, row in rows.iterrows():
                match = re.search(rf"\b{name} \(({NUMBER}), target ({NUMBER})\)", names)
                if match:
                    assert close(match[1], study.indicators.at[region_id, indicator[name]])
                    assert close(match[2], row["target"])
                    expected = "in full" if row["share"] >= 1 else "in part"
                    assert level == (expected if row["share"] > 0 else "not at all")
                elif level.startswith("unknown"):
                    assert (name in names) == row["missing"]
        assert all(name in told for name in rows.index)


def test_what_carries_a_ranked_region_and_holds_it_back(study):
    told = 0
    for region_id, _, text in each(study):
        status = study.classification.status[region_id]
        assert ("it is carried" in text or "it is held back" in text) == (status != "none")
        if status == "none":
            continue
        scores = study.scores if status == "cluster" else study.shadow
        rows = scores.contributions
        rows = rows[(rows["region_id"] == region_id) & ~rows["missing"]].set_index("indicator")
        field, sentence = found(r"Among (clusters|clusters and quasi-clusters) it is (.*?)\n", text)
        assert field == ("clusters" if status == "cluster" else "clusters and quasi-clusters")
        for words, gains in (
            ("carried most by", rows[rows["contribution"] > 0]["contribution"]),
            ("held back most by", -rows[rows["contribution"] < 0]["contribution"]),
        ):
            part = found(rf"{words} (.*?)(?:, and held back|$)", sentence)[0] if len(gains) else ""
            named = re.findall(rf"(?:^|, | and )([^(),]+?) \(({NUMBER})(, thin evidence)?\)", part)
            assert len(named) == min(2, len(gains))
            assert sum(gains.nlargest(2)) == pytest.approx(
                sum(gains[LABELS[label]] for label, *_ in named)
            )
            for label, value, thin in named:
                name = LABELS[label]
                assert close(value, study.indicators.at[region_id, name])
                flag = study.indicators.get(f"{name}_evidence", {}).get(region_id)
                assert bool(thin) == (flag == "thin")
                told += 1
    assert told > 80


def test_what_it_lacks_and_whether_that_would_last(study):
    for region_id, _, text in each(study):
        if region_id not in study.gaps.index:
            assert "lacks" not in text
            continue
        gap = study.gaps.loc[region_id]
        would = "would be one" if gap["survives"] else "would not be one"
        assert (
            f"What it lacks to be a cluster, with its membership held: {gap['summary']}. "
            f"Clustered again with that, it {would} ({gap['survival']})."
        ) in text


def test_ties_to_other_clusters(study):
    judged, names = study.classification.is_cluster, study.regions["name"]
    clusters = set(judged.index[judged])
    edges = study.network.edges
    for region_id, _, text in each(study):
        table = study.network.table
        total = table["tie_count"].get(region_id, 0)
        if not total:
            assert "No tie of its organisations is on record." in text
            continue
        if total > 1:
            pairs, outside = found(r"Of its ([\d,]+) tied pairs, (\d+|none) lead", text)
            assert int(pairs) == total
            assert int(outside.replace("none", "0")) == table.at[region_id, "external_tie_count"]
        a, b = edges["node_a"], edges["node_b"]
        own = edges[(a == region_id) | (b == region_id)]
        partner = own["node_a"].where(own["node_a"] != region_id, own["node_b"])
        counts = own["pair_count"].set_axis(partner)
        counts = counts[counts.index.isin(clusters)]
        match = re.search(
            r"reach(?:es)? (\d+) of the (\d+) (?:other )?clusters, (?:most )?to (.*)\.", text
        )
        assert bool(match) == bool(len(counts))
        if match:
            assert int(match[1]) == len(counts)
            assert int(match[2]) == len(clusters - {region_id})
            named = re.findall(r"(?:^|, | and )([^(),]+?) \((\d+)\)", match[3])
            assert len(named) == min(3, len(counts))
            of = {names[other]: count for other, count in counts.items()}
            assert [int(count) for _, count in named] == [of[name] for name, _ in named]
            assert [of[name] for name, _ in named] == sorted(of.values(), reverse=True)[:3]


def pairs_tied_to(study, region_id):
    """Clusters tied to a region, and which two regions are tied at all."""
    edges = study.network.edges
    tied = {frozenset(pair) for pair in zip(edges["node_a"], edges["node_b"], strict=True)}
    judged = study.classification.is_cluster
    clusters = set(judged.index[judged]) - {region_id}
    return [one for one in clusters if frozenset([one, region_id]) in tied], tied


def test_which_clusters_a_region_connects(study):
    names = study.regions["name"]
    several = 0
    for region_id, _, text in each(study):
        linked, tied = pairs_tied_to(study, region_id)
        pairs = [frozenset(pair) for pair in combinations(linked, 2)]
        wanted = {frozenset(names[list(pair)]) for pair in pairs if pair not in tied}
        match = re.search(r"It connects (.*?), which have no tie to each other\.", text)
        told = re.split(r", | and ", match[1]) if match else []
        assert {frozenset(pair.split(" with ")) for pair in told} == wanted
        assert ("These are tied to each other as well." in text) == bool(pairs and not wanted)
        several += len(wanted)
    assert several > 3


def test_many_pairs_of_clusters_are_counted(study):
    """With every region a cluster, a region connects more pairs than are named."""
    status = pd.Series("cluster", index=study.regions.index)
    table = study.classification.table.assign(status=status)
    every = replace(study, classification=replace(study.classification, table=table))
    text = write_briefs(every)["fr-paris"]
    linked, tied = pairs_tied_to(every, "fr-paris")
    count = sum(frozenset(pair) not in tied for pair in combinations(linked, 2))
    assert count > 3
    assert f"It connects {count} pairs of clusters that have no tie to each other." in text


def test_roles_are_counted(study):
    words = {
        "both in its own country": "coordinator",
        "with one in its own country and one abroad": "gatekeeper_representative",
        "both in one other country": "itinerant",
        "in two other countries": "liaison",
    }
    seen = set()
    for region_id, _, text in each(study):
        counts = study.network_measures.loc[region_id, list(words.values())].astype(int)
        match = re.search(r"it stands between (\d+) pairs?.*?each other(?:, (.*?))?\.", text)
        assert bool(match) == (counts.sum() > 0)
        if not match:
            continue
        assert int(match[1]) == counts.sum()
        assert bool(match[2]) == (2 * counts.max() > counts.sum())
        if match[2]:
            some, where = re.fullmatch(r"(\d+ of them |all )?(.*)", match[2]).groups()
            assert counts[words[where]] == (
                int(some.split()[0]) if some and some != "all " else counts.sum()
            )
            seen.add(where)
    assert len(seen) > 1


def test_the_closest_partner_is_named_where_there_is_one(study):
    said = 0
    for region_id, _, text in each(study):
        for kind in ("research", "industry"):
            rows = study.key_partners
            rows = rows[(rows["region_id"] == region_id) & (rows["partner_kind"] == kind)]
            match = re.search(rf"\b(?:closest|and), in {kind}, to (.*?) \((\d+) pairs?\)", text)
            one = (rows["rank"] == 1).sum() == 1 and len(rows) > 1
            assert bool(match) == one
            if match:
                first = rows.iloc[0]
                assert match[1].startswith(first["name"])
                assert int(match[2]) == first["pair_count"]
                where = study.regions["name"].get(first["node"], "")
                assert match[1].endswith(f" in {where}" if where else match[1])
                said += 1
    assert said > 10


def test_brokerage_against_chance(study):
    pattern = r"is (beyond|within|below) what chance .* (\d+) of 200 rewired .* \(z (-?[\d.]+)\)"
    for region_id, _, text in each(study):
        row = study.network_measures.loc[region_id]
        match = re.search(pattern, text)
        assert bool(match) == bool(row["brokerage"] and not np.isnan(row["brokerage_z"]))
        if match:
            assert int(match[2]) == round(200 * row["brokerage_null_share"])
            assert float(match[3]) == pytest.approx(row["brokerage_z"], abs=0.0501)
            assert match[1] == "within"


@pytest.mark.parametrize(
    ("z", "share", "verdict"),
    [
        (2.0, 0.05, "beyond"),
        (3.0, 0.055, "within"),
        (1.9, 0.0, "within"),
        (-2.0, 0.95, "below"),
        (-2.0, 0.9, "within"),
        (np.nan, np.nan, ""),
    ],
)
def test_beyond_chance_by_both_signs(study, z, share, verdict):
    measures = study.network_measures.copy()
    measures.loc["fr-paris", ["brokerage_z", "brokerage_null_share"]] = [z, share]
    text = write_briefs(replace(study, network_measures=measures))["fr-paris"]
    match = re.search(r"Its brokerage is (\w+) what chance", text)
    assert (match[1] if match else "") == verdict


def test_thin_evidence_and_the_unknown_are_named(study):
    scored = [spec.name for spec in study.scores.framework.indicators]
    asked = [one.indicator for one in study.config.thresholds.criteria]
    for region_id, _, text in each(study):
        row = study.indicators.loc[region_id]
        thin = {name for name in scored if row.get(f"{name}_evidence") == "thin"}
        match = re.search(r"Evidence is thin for (.*?)\.(?: |$)", text)
        listed = re.split(", | and ", match[1]) if match else []
        assert {LABELS[label] for label in listed} == thin
        match = re.search(r"Unknown: (.*?)\.(?: |$)", text)
        listed = re.split(", | and ", match[1]) if match else []
        wanted = {*scored, *asked, "firm_count", "lab_count", "patent_count"}
        assert {LABELS[label] for label in listed} == {
            name for name in wanted if pd.isna(row[name])
        }
        match = re.search(r"Funding is known for (\d+) of (\d+) firm", text)
        if match:
            assert int(match[1]) == row["funding_disclosed_count"]
            assert int(match[2]) == row["firm_count"]
        assert ("What is missing could change its status." in text) == (
            study.classification.table.at[region_id, "undetermined"]
        )


def test_no_number_is_left_over(study):
    """Outside the sentences checked above no digit stands in a brief."""
    known = (
        r"Elsewhere it is closest, .*? pairs?\)(?: and, .*? pairs?\))?\.",
        r"at \d+ places?",
        r"\d+ (?:firms?|labs?)\b",
        r"of tier \d",
        rf"\({NUMBER}[^)]*\)",
        r"density, [\d.]+ weighted records per 100 km²",
        r"capability, [\d.]+",
        r"\d+ % (?:above|below)",
        r"the bar(?: of a cluster)?, [\d.]+",
        r"membership held: .*?\. Clustered",
        r"\([^)]*record[^)]*\)",
        r"\(.*?bar [\d.]+\)",
        r"Of its \d+ tied pairs, (?:\d+|none)",
        r"Its 1 tied pair",
        r"\d+ of the \d+",
        r"It connects \d+ pairs",
        r"stands between \d+ pairs?[^.]*",
        r"\d+ of \d+ rewired networks reach it \(z -?\d+\.\d\)",
        r"known for \d+ of",
    )
    for _, name, text in each(study):
        left = text.replace(name, "")
        for pattern in known:
            left = re.sub(pattern, "", left)
        assert not re.search(r"\d", left), left


def test_no_league_table_tone(study):
    words = r"\b(?:best|worst|leading|leader|top|winner|loser|world-class|lags?|rank)\b"
    assert not study.briefs.str.contains(words).any()


def test_a_study_without_ties_or_with_simulated_records_says_so(tmp_path):
    gc.synthetic.write_toy_world(tmp_path, seed=1)
    (tmp_path / "ties.csv").unlink()
    study = gc.run_study(tmp_path)
    assert study.briefs.str.contains("Its ties are unknown.").all()
    simulated = study.regions["record_count"].map(lambda n: f"{n} records of it are simulated.")
    assert all(words in text for words, text in zip(simulated, study.briefs, strict=True))
    assert study.briefs.str.contains(r"Unknown: .*\bties\b").all()


def test_missing_names_and_densities_are_survived(study):
    region_id = study.regions.index[0]
    regions = study.regions.copy()
    regions.loc[region_id, ["name", "countries"]] = np.nan
    tests = study.classification.tests.copy()
    row = (tests["region_id"] == region_id) & (tests["test"] == "cluster density")
    tests.loc[row, ["value", "margin"]] = np.nan
    judged = replace(study.classification, tests=tests)
    text = write_briefs(replace(study, regions=regions, classification=judged))[region_id]
    assert text.startswith(f"{region_id} is a cluster: ")
    assert "Its activity density is unknown; the bar of a cluster is 0.75; its" in text


@pytest.mark.parametrize(
    ("value", "indicator", "text"),
    [
        (0.0, "firm_count", "0"),
        (1234.0, "firm_count", "1,234"),
        (0.0, "funding_usd", "USD 0"),
        (950.0, "funding_usd", "USD 950"),
        (2.234e9, "funding_usd", "USD 2.23 billion"),
        (1.0, "external_tie_share", "100 %"),
        (1.05e-4, "equity_funding_to_gdp", "0.000105"),
        (12.34, "own_ratio", "12.3"),
    ],
)
def test_amounts(value, indicator, text):
    assert amount(value, indicator) == text
