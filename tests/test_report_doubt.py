"""What page and figures say of doubt, profiles, drivers, ties and bars: against the tables."""

import html
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.report import collaborating, doubt, frontier, ranking, separating, ties
from geoclust.report.arcs import great_circle_lines
from geoclust.report.cards import card_rows, card_words
from geoclust.report.cells import BAR_WIDTH, scaled_span
from geoclust.report.figures import study_figures
from geoclust.report.page import page_bytes
from geoclust.report.payload import page_data
from geoclust.sphere import great_circle_km

DRAWS = 12


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder, seed=1)
    return gc.run_study(folder)


@pytest.fixture(scope="module")
def robustness(study):
    return gc.run_robustness(study, draws=DRAWS)


@pytest.fixture(scope="module")
def sensitivity(study):
    return gc.rank_sensitivity(study, n=2, vary=gc.Variation.only("weights", "reach_km"))


@pytest.fixture(scope="module")
def page(study, robustness, sensitivity):
    made = page_bytes(study, robustness=robustness, sensitivity=sensitivity)
    return html.unescape(made.decode().split("<body>")[1].split('<script type="application')[0])


@pytest.fixture(scope="module")
def plain_page(study):
    return html.unescape(page_bytes(study).decode().split("<body>")[1])


def bent(study, **more):
    return type(study)(**{**vars(study), **more})


def section(study, name):
    told = page_bytes(study).decode()
    return told[told.index(f'<section id="{name}"') :].split("</section>")[0]


def test_without_experiments_the_page_says_how_to_make_them(plain_page):
    assert plain_page.count("geoclust robustness STUDY") == 2
    for absent in ("Everything drawn anew", "What moves the ranks", "Rank in the draws"):
        assert absent not in plain_page


def test_with_experiments_the_page_shows_them_and_no_hint(page):
    assert "geoclust robustness STUDY" not in page
    for present in ("Everything drawn anew", "What moves the ranks", "Rank in the draws"):
        assert present in page


def test_the_ranking_tells_ranges_as_the_experiment_has_them(study, robustness):
    sheet = ranking.ranking(study, robustness)
    labels = [column.label for column in sheet.columns]
    at, cluster, top = (labels.index(word) for word in ("Rank in the draws", "Cluster", "Top ten"))
    cluster = labels.index("Cluster", at)
    assert len(sheet.rows) == len(study.scores.table)
    for region_id, row in zip(study.scores.table.index, sheet.rows, strict=True):
        told = robustness.ranks.loc[region_id]
        expected = f"{told['median']:g}, {told['low']:g} to {told['high']:g}"
        assert row[at].text == expected
        last = robustness.ranks["high"].max()
        share = (told["high"] - 1) / (last - 1) if last > 1 else 0.5
        assert row[at].span.high == pytest.approx(BAR_WIDTH * share, abs=0.06)
        assert row[cluster].sort == robustness.status.at[region_id, "cluster"]
        assert row[top].sort == told["top_ten"]
        assert bool(row[at].note) == bool(told["off_centre"] and told["shift"])


def test_an_experiment_off_centre_says_so_before_the_ranking(study, robustness):
    bias = robustness.bias.copy()
    bias.loc["clusters", ["study", "median", "low", "high"]] = [9.0, 4.0, 2.0, 6.0]
    bias.loc["clusters", ["below", "above"]] = [0.96, 0.02]
    bias["off_centre"] = bias.index == "clusters"
    leaning = replace(robustness, bias=bias)
    assert doubt.bias_words(leaning) == [
        "clusters: 9 in the study, less in 96\u202f% of the draws (median 4, 5 to 95 %: 2 to 6)"
    ]
    told = page_bytes(study, robustness=leaning).decode()
    assert told.index("The experiment is off-centre") < told.index('id="ranking-table"')
    centred = replace(robustness, bias=bias.assign(off_centre=False))
    assert "The experiment is off-centre" not in page_bytes(study, robustness=centred).decode()


def test_the_shift_of_ranks_is_told_as_better_or_worse(robustness):
    row = {"study": 0.0, "median": 2.0, "low": 0.0, "high": 5.0, "below": 0.0, "above": 0.9}
    bias = pd.DataFrame({**row, "off_centre": True}, index=["shift of median ranks"])
    (told,) = doubt.bias_words(replace(robustness, bias=bias))
    assert "90\u202f% of the clusters have a median rank worse" in told


def test_bars_stay_within_their_scale():
    span = scaled_span((0.0, 1.0), (-3.0, 7.0, 0.25), axis=0.0)
    assert (span.low, span.middle, span.high, span.axis) == (0.0, BAR_WIDTH / 4, BAR_WIDTH, 0.0)
    assert span.own is None
    assert scaled_span((1.0, 1.0), (1.0, 1.0, 1.0)).middle == BAR_WIDTH / 2


def test_indices_are_those_of_the_analysis(sensitivity):
    sheet = doubt.indices(sensitivity)
    order = sensitivity.table.sort_values("total", ascending=False, kind="stable")
    assert [row[0].sort for row in sheet.rows] == order.index.tolist()
    assert [row[2].sort for row in sheet.rows] == order["total"].tolist()
    wide = sensitivity.table.assign(total_high=2.5)
    assert "runs are few" in doubt.indices_words(replace(sensitivity, table=wide))
    ends = [f"{kind}_{end}" for kind in ("first", "total") for end in ("low", "high")]
    narrow = sensitivity.table.assign(**dict.fromkeys(ends, 0.5))
    assert "runs are few" not in doubt.indices_words(replace(sensitivity, table=narrow))


def test_headings_follow_the_framework(study):
    assert "Mean rank" in [column.label for column in ranking.ranking(study).columns]
    upward = replace(study.scores.framework, normalise="min_max", aggregate="arithmetic")
    scores = gc.score(study.indicators[study.classification.is_cluster], upward)
    sheet = ranking.ranking(bent(study, scores=scores))
    column = next(column for column in sheet.columns if column.label == "Score")
    assert not column.rising
    assert "Mean rank" not in [column.label for column in sheet.columns]
    words = ranking.ranking_words(upward)
    assert "weighted mean over all indicators" in words
    assert "the greatest is best" in words
    told = page_bytes(bent(study, scores=scores)).decode()
    assert "mean of these ranks" not in told
    copeland = replace(study.scores.framework, normalise="percentile", aggregate="copeland")
    assert "comes from comparing them two by two" in ranking.ranking_words(copeland)


def test_thin_evidence_is_marked_where_the_scores_say_so(study):
    table = study.scores.table.copy()
    table["evidence"] = ["thin", *["ample"] * (len(table) - 1)]
    for dimension in study.scores.framework.dimensions:
        table[f"{dimension}_evidence"] = "ample"
    marked = bent(study, scores=replace(study.scores, table=table))
    assert [row[0].thin for row in ranking.ranking(marked).rows] == [
        True,
        *[False] * (len(table) - 1),
    ]
    told = section(marked, "ranking")
    assert told.count("(thin evidence)") == 1
    assert "Thin evidence: a third or more" in told
    ample = bent(study, scores=replace(study.scores, table=table.assign(evidence="ample")))
    assert "hin evidence" not in section(ample, "ranking")


def test_kinds_of_factor_are_ranked_as_the_study_has_them(study):
    sheet = ranking.factor_ranks(study)
    kinds = study.factors.framework.dimensions
    for region_id, row in zip(study.scores.table.index, sheet.rows, strict=True):
        labels = [study.factors.table.at[region_id, f"{kind}_rank_label"] for kind in kinds]
        assert [cell.text for cell in row[3:]] == [
            label if isinstance(label, str) else "–"  # noqa: RUF001
            for label in labels
        ]
    named = ", ".join(labels for _, _, labels in ranking.factor_words(study))
    assert len(named.split(", ")) == len(study.scores.framework.indicators)


def test_drivers_are_told_with_their_doubt_and_the_warning(study, page):
    sheet = separating.drivers(study)
    known = study.drivers.table[study.drivers.table["effect"].notna()]
    assert [row[2].sort for row in sheet.rows] == known["effect"].tolist()
    assert [bool(row[2].note) for row in sheet.rows] == known["separates"].tolist()
    assert study.drivers.warning in page


def test_drivers_without_quasi_clusters_are_left_out(study):
    status = study.classification.table.assign(status="cluster", tier=pd.NA)
    only = bent(study, classification=replace(study.classification, table=status))
    assert 'id="drivers"' not in page_bytes(only).decode()


def test_the_frontier_is_drawn_where_it_lies(study):
    panels = frontier.frontier_panels(study)
    bars = study.frontier["bar"].unique().tolist()
    assert [panel.bar.lower() for panel in panels] == bars
    top = study.frontier[["cluster", "quasi-cluster"]].to_numpy().max()
    for bar, panel in zip(bars, panels, strict=True):
        part = study.frontier[study.frontier["bar"] == bar]
        for line in panel.lines:
            heights = [150.0 * (1 - count / top) for count in part[line.status]]
            np.testing.assert_allclose([y for _, y in line.points], heights, atol=0.06)
        chosen = part.loc[(part["factor"] == 1.0), "value"].item()
        span = part["value"].max() - part["value"].min()
        assert panel.at == pytest.approx(300 * (chosen - part["value"].min()) / span, abs=0.06)
    labels = [sorted(line.label_at for line in panel.lines) for panel in panels]
    assert all(high - low >= 14 for low, high in labels)


def test_cards_hold_profile_peers_and_doubt(study, robustness):
    words, rows = card_words(study, robustness), card_rows(study, robustness)
    assert set(rows) == set(study.regions.index)
    for region_id, row in rows.items():
        own = study.profiles[study.profiles["region_id"] == region_id]
        assert len(row["profile"]) == len(words["profile"]) == len(own)
        shown = [np.nan if value is None else value for value in row["profile"]]
        np.testing.assert_allclose(shown, own["standing"], atol=1e-4)
        peers = study.peers[study.peers["region_id"] == region_id]
        assert [peer[0] for peer in row["peers"]] == peers["peer"].tolist()
        assert row["doubt"]["median"] == robustness.ranks.at[region_id, "median"]
        assert sum(row["doubt"]["status"]) == pytest.approx(1, abs=1e-3)
    assert all("doubt" not in row for row in card_rows(study).values())


def test_partners_and_measures_are_those_of_the_study(study):
    rows = {row[0].region: row for row in collaborating.partners(study).rows}
    assert set(rows) == set(study.key_partners["region_id"])
    first = study.key_partners.iloc[0]
    cell = rows[first["region_id"]][1 if first["partner_kind"] == "industry" else 2]
    assert cell.text.startswith(first["name"])
    cards = collaborating.network_cards(study)
    for region_id, card in cards.items():
        measures = study.network_measures.loc[region_id]
        assert card["ties"][1] == measures["external_tie_count"]
        listed = sum(len(kind) for kind in card["partners"].values())
        assert listed == (study.key_partners["region_id"] == region_id).sum()
    assert collaborating.chance_words(-2.5, 0.99) == "less than chance would give"
    assert collaborating.chance_words(2.5, 0.2) == "about what chance would give"
    assert collaborating.chance_words(np.nan, np.nan) == "not compared with chance"


def test_a_study_without_ties_has_no_empty_network(tmp_path):
    gc.synthetic.write_toy_world(tmp_path, seed=1)
    (tmp_path / "ties.csv").unlink()
    study = gc.run_study(tmp_path)
    told = page_bytes(study).decode()
    assert 'id="network"' not in told
    assert 'href="#network"' not in told
    data = page_data(study)
    assert data["ties"] == []
    assert all("network" not in region for region in data["regions"])
    assert "figures/network_map.png" not in study_figures(study)


def test_ties_run_the_shortest_way():
    rng = np.random.default_rng(2)
    for _ in range(60):
        start, end = zip(rng.uniform(-180, 180, 2), rng.uniform(-89, 89, 2), strict=True)
        lines = great_circle_lines(start, end, step_km=100.0)
        assert tuple(lines[0][0]) == start
        assert tuple(lines[-1][-1]) == end
        points = np.vstack(lines)
        steps = great_circle_km(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
        assert steps.max() < 101
        assert steps.sum() == pytest.approx(great_circle_km(*start, *end), rel=1e-6)
        for line in lines:
            assert np.abs(np.diff(line[:, 0])).max() < 180
        for before, after in pairwise(lines):
            assert abs(before[-1, 0]) == abs(after[0, 0]) == 180
            assert before[-1, 0] == -after[0, 0]
            assert before[-1, 1] == after[0, 1]


def test_ties_between_antipodes_poles_and_one_place_have_a_line():
    for start, end, km in (
        ((10.0, 0.0), (-170.0, 0.0), 20015.1),
        ((0.0, 90.0), (0.0, -90.0), 20015.1),
        ((5.0, 5.0), (5.0, 5.0), 0.0),
        ((180.0, 10.0), (-180.0, 10.0), 0.0),
    ):
        points = np.vstack(great_circle_lines(start, end))
        assert np.isfinite(points).all()
        steps = great_circle_km(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
        assert steps.sum() == pytest.approx(km, abs=0.1)


def test_drawn_ties_are_the_strongest_edges_between_regions(study, monkeypatch):
    edges = ties.region_edges(study)
    assert edges["weight"].is_monotonic_decreasing
    assert set(edges["node_a"]) | set(edges["node_b"]) <= set(study.regions.index)
    drawn = ties.drawn_ties(study)
    names = study.regions.index
    assert [(names[tie.a], names[tie.b]) for tie in drawn] == list(
        zip(edges["node_a"], edges["node_b"], strict=True)
    )
    left = study.network.edges["pair_count"].sum() - edges["pair_count"].sum()
    assert f"{left:,} tied pair" in ties.ties_words(study)
    monkeypatch.setattr(ties, "MOST_DRAWN", 2)
    assert len(ties.drawn_ties(study)) == 2
    assert f"the 2 strongest of {len(edges)} pairs" in ties.ties_words(study)


def test_records_carry_how_often_they_stay(study, robustness):
    assert "stays" not in page_data(study)["records"]
    shown = page_data(study, robustness=robustness)["records"]["stays"]
    told = robustness.records["stays"].sort_index()
    expected = (100 * told).round().fillna(-1).astype(int).tolist()
    assert shown == expected


def test_every_figure_has_both_forms_and_the_same_bytes(study, robustness, sensitivity):
    made = {name: make() for name, make in study_figures(study).items()}
    stems = {name.split("/")[1].split(".")[0] for name in made}
    assert {"frontier", "dimension_profiles", "network_map"} <= stems
    assert not {"rank_intervals", "sensitivity"} & stems
    full = study_figures(study, robustness=robustness, sensitivity=sensitivity)
    again = {name: make() for name, make in full.items()}
    assert set(again) - set(made) == {
        f"figures/{stem}.{kind}" for stem in ("rank_intervals", "sensitivity")
        for kind in ("png", "svg")
    }  # fmt: skip
    assert all(again[name] == content for name, content in made.items())
    assert all(content.startswith(b"\x89PNG") for name, content in again.items() if "png" in name)


def test_a_single_cluster_is_drawn_too(study, robustness, sensitivity):
    first = study.scores.table.index[:1]
    alone = bent(
        study,
        scores=gc.score(study.indicators.loc[first], study.scores.framework),
        profiles=study.profiles[study.profiles["region_id"].isin(first)],
    )
    one = replace(sensitivity, table=sensitivity.table.head(1))
    drawn = study_figures(alone, robustness=robustness, sensitivity=one)
    for stem in ("ranking", "rank_intervals", "dimension_profiles", "sensitivity"):
        assert drawn[f"figures/{stem}.png"]().startswith(b"\x89PNG")


def test_writing_takes_the_experiments(study, robustness, sensitivity, tmp_path):
    report = study.config.report.model_copy(update={"figures": False})
    quick = bent(study, config=study.config.model_copy(update={"report": report}))
    out = gc.write_study(quick, tmp_path / "out", robustness=robustness, sensitivity=sensitivity)
    told = (out / "report.html").read_text("utf-8")
    assert "What moves the ranks" in told
    assert not re.search(r"\sstyle=\"", told.split("<script type=")[0])
