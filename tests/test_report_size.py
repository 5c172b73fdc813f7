"""How large the page is at 5,000 records, and whether it can be used at 100,000."""

import numpy as np
import pandas as pd
import pytest

import geoclust as gc
from geoclust.report import payload
from geoclust.report.page import page_bytes
from geoclust.report.payload import page_data

SETTINGS = """
[study]
name = "Many records"
[thresholds]
cluster = { min_density = 2.0, min_capability = 0.45 }
quasi = { min_density = 1.0, min_capability = 0.3 }
[report]
figures = false
survival = false
"""
WORDS = (
    "Quantum",
    "Photon",
    "Sensor",
    "Membrane",
    "Catalyst",
    "Turbine",
    "Polymer",
    "Institute of",
)
PICTURE = b"\x00" * 300_000  # as large as the map of a world


def write_world(folder, count):
    """Towns up to 60 degrees from the equator, each a heap of firms, labs and patents with ties."""
    rng = np.random.default_rng(11)
    towns = max(40, count // 250)
    heavy = rng.pareto(1.2, towns) + 0.2
    home = rng.choice(towns, size=count, p=heavy / heavy.sum())
    x, y = rng.uniform(-170, 170, towns)[home], rng.uniform(-60, 60, towns)[home]
    east, north = rng.normal(size=(2, count)) * 6 / 111.2
    first, second = (rng.choice(WORDS, size=count) for _ in range(2))
    table = pd.DataFrame(
        {
            "record_id": [f"r-{i:06d}" for i in range(count)],
            "name": [
                f"{a} {b} Works of town {h}" for a, b, h in zip(first, second, home, strict=True)
            ],
            "longitude": (x + east / np.cos(np.radians(y))).round(5),
            "latitude": (y + north).round(5),
            "place": [f"Town {h}" for h in home],
            "country": np.array(["DE", "FR", "US", "JP", "BR", "ZA"])[home % 6],
        }
    )
    kind = rng.choice(["firms", "labs", "patents"], size=count, p=[0.4, 0.2, 0.4])
    for name, rows in table.groupby(kind):
        rows.to_csv(folder / f"{name}.csv", index=False)
    firms = table["record_id"][kind == "firms"].to_numpy()
    ends = rng.choice(firms, size=(count // 2, 2))
    ties = pd.DataFrame(
        ends[ends[:, 0] != ends[:, 1]], columns=["organisation_a", "organisation_b"]
    )
    ties.drop_duplicates().to_csv(folder / "ties.csv", index=False)
    (folder / "study.toml").write_text(SETTINGS)
    return folder / "study.toml"


def test_a_page_of_five_thousand_records_is_under_five_megabytes(tmp_path):
    study = gc.run_study(write_world(tmp_path, 5_000))
    assert len(study.inputs.records) == 5_000
    assert len(study.regions) >= 30
    page = page_bytes(study, picture=PICTURE)
    assert len(page) < 5e6
    assert page == page_bytes(study, picture=PICTURE)


def test_what_a_large_page_leaves_out_is_said(tmp_path, monkeypatch):
    gc.synthetic.write_toy_world(tmp_path)
    study = gc.run_study(tmp_path)
    assert page_data(study)["unnamed"] == ""
    assert "" not in page_data(study)["records"]["name"]
    monkeypatch.setattr(payload, "MOST_NAMED", 50)
    left = page_data(study)
    assert "records.csv" in left["unnamed"]
    assert left["records"]["id"] == []
    named = zip(left["records"]["name"], left["records"]["kind"], strict=True)
    assert {kind for name, kind in named if name} == {"f", "l"}


@pytest.mark.slow
@pytest.mark.browser
def test_a_page_of_a_hundred_thousand_records_can_be_used(tmp_path, browser):
    """Processor time of the page's own thread, so that a busy machine does not decide."""
    from test_report_browser import DRAWN

    study = gc.run_study(write_world(tmp_path, 100_000))
    report = tmp_path / "report.html"
    report.write_bytes(page_bytes(study, picture=PICTURE))
    assert report.stat().st_size < 20e6
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def seconds():
        found = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in found if one["name"] == "ThreadTime")

    before = seconds()
    page.goto(report.as_uri())
    loaded = seconds() - before
    page.wait_for_selector(DRAWN, timeout=180_000)
    drawn = seconds() - before
    page.keyboard.press("/")
    page.keyboard.type("photon town 7")
    page.wait_for_selector("#search-list [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#card.open")
    searched = seconds() - before - drawn
    page.evaluate("geoclust.choose(geoclust.address.read().region === 1 ? 2 : 1, true)")
    page.wait_for_selector("#pair .profiles svg")
    told = f"{report.stat().st_size / 1e6:.1f} MB, {loaded:.1f} s, {drawn:.1f} s, {searched:.1f} s"
    assert loaded < 6, told
    assert drawn < 15, told
    assert searched < 6, told
