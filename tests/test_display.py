"""Results in a notebook: what they say is theirs, hostile names stay text, the same every time."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from accessibility import findings

import geoclust as gc
from geoclust.display import MOST_LETTERS, MOST_ROWS, Listing, card

HOSTILE = "<img src=x onerror=alert(1)>"
ALLOWED = {"div", "b", "span", "table", "thead", "tbody", "tr", "th", "td"}


class Seen(HTMLParser):
    """Tags, attributes and text of a piece of HTML; unclosed tags are an error."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open, self.cells, self.words = [], set(), [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] == "td":
            self.cells.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The toy world, every name in it a script."""
    folder = tmp_path_factory.mktemp("toy")
    gc.synthetic.write_toy_world(folder)
    bars = (
        "[thresholds]\ncluster = { min_density = 4.0, min_capability = 0.5 }\n"
        "quasi = { min_density = 1.0, min_capability = 0.2 }\n"
    )
    (folder / "study.toml").write_text(f'[study]\nname = "{HOSTILE}"\n{bars}')
    found = gc.run_study(folder / "study.toml")
    names = found.regions["name"] + HOSTILE
    regions = found.clustering.regions.assign(name=names)
    return replace(
        found,
        regions=found.regions.assign(name=names),
        clustering=replace(found.clustering, regions=regions),
    )


@pytest.fixture(scope="module")
def results(study):
    inputs = replace(
        study.inputs,
        rejected=pd.DataFrame(
            {"file": [HOSTILE], "row": 2, "column": "name", "value": HOSTILE, "reason": "none"}
        ),
    )
    robustness = gc.run_robustness(study, draws=4)
    sensitivity = gc.rank_sensitivity(study, n=2, vary=gc.Variation.only("weights", "reach_km"))
    return {
        "study": study,
        "inputs": inputs,
        "hierarchy": study.hierarchy,
        "clustering": study.clustering,
        "network": study.network,
        "classification": study.classification,
        "scores": study.scores,
        "robustness": robustness,
        "sensitivity": sensitivity,
        "sweep": gc.sweep(study, vary={"delineation.reach_km": [8, 10]}, workers=1),
        "comparison": gc.compare_studies(study, study),
        "explanation": gc.explain(study, study.regions.index[0], "firm_count"),
    }


NAMES = (
    "study",
    "inputs",
    "hierarchy",
    "clustering",
    "network",
    "classification",
    "scores",
    "robustness",
    "sensitivity",
    "sweep",
    "comparison",
    "explanation",
)


@pytest.mark.parametrize("name", NAMES)
def test_every_result_is_compact_plain_and_the_same_every_time(results, name):
    html = results[name]._repr_html_()
    seen = Seen(html)
    assert set(seen.tags) <= ALLOWED
    assert seen.attributes <= {"style", "scope", "class", "tabindex", "role", "aria-label"}
    assert "url(" not in html
    assert len(html) < 16_000
    assert html == results[name]._repr_html_()
    assert seen.text.lower().startswith(name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sets_a_colour_that_a_theme_could_swallow(results, name):
    for style in re.findall(r'style="([^"]*)"', results[name]._repr_html_()):
        assert "color" not in style.replace("border-collapse", "")
        assert "background" not in style


@pytest.mark.parametrize("name", ["study", "clustering", "inputs", "explanation"])
def test_hostile_names_stay_text(results, name):
    html = results[name]._repr_html_()
    assert "<img" not in html
    assert HOSTILE in Seen(html).text


def test_a_study_tells_its_ranks_and_what_the_others_lack(study):
    seen = Seen(study._repr_html_())
    counts = study.status_counts
    assert counts["cluster"] >= 1
    assert counts["quasi-cluster"] >= 1
    assert f"clusters {counts['cluster']} quasi-clusters {counts['quasi-cluster']}" in seen.text
    for region_id in study.scores.table.index:
        assert region_id in seen.cells
    quasi = study.classification.is_quasi
    for region_id in quasi.index[quasi]:
        assert region_id in seen.cells
        assert study.gaps.at[region_id, "summary"] in seen.text


def test_a_clustering_tells_how_many_records_lie_in_no_region(study):
    noise = int(study.clustering.region_of.isna().sum())
    assert noise > 0
    assert f"in no region {noise} (" in Seen(study.clustering._repr_html_()).text


def test_robustness_says_first_what_is_off_centre(results):
    found = results["robustness"]
    text = Seen(found._repr_html_()).text
    off = found.bias.index[found.bias["off_centre"].astype(bool)]
    assert ("Off centre" in text) == (len(off) > 0)
    for measure in off:
        assert measure in text


def test_long_tables_and_long_names_are_cut_and_say_so():
    table = pd.DataFrame({"name": ["n" * 5000] * 25}, index=pd.Index(range(25), name="number"))
    seen = Seen(card("Thing", facts={"rows": 25}, listings=[Listing("All", table)]))
    assert seen.tags.count("tr") == MOST_ROWS + 1
    assert "and 15 more" in seen.text
    assert max(map(len, seen.cells)) == MOST_LETTERS


def test_values_of_every_kind_are_written():
    values = [1234567, -2.5, np.nan, None, pd.NA, True, np.bool_(False), np.inf, 0.0, 3e-9]
    column = pd.Series(values, dtype="object", name="value")
    assert Seen(card("Thing", listings=[Listing("All", column.to_frame())])).cells[1::2] == [
        "1,234,567",
        "\u22122.5",
        *["\u2013"] * 3,
        "yes",
        "no",
        "inf",
        "0",
        "3e\u221209",
    ]


def test_an_empty_table_says_so_and_broken_text_can_still_be_sent():
    html = card("Thing", "\ud800 half a letter", listings=[Listing("All", pd.DataFrame())])
    assert "none" in Seen(html).text
    assert html.encode()


@pytest.mark.browser
@pytest.mark.parametrize(("ground", "ink"), [("#fff", "#111"), ("#111", "#eee")])
def test_results_are_for_everybody_on_a_narrow_page_too(results, browser, ground, ink):
    shown = "".join(f"<h2>{name}</h2>{results[name]._repr_html_()}" for name in NAMES)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(
        "<!doctype html><html lang='en'><title>Results</title>"
        f"<body style='background:{ground};color:{ink}'><main><h1>Results</h1>{shown}</main>"
    )
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
