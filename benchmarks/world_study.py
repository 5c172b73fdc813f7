"""A study of the world's research organisations, from raw files to the report, timed.

Companies of the Research Organization Registry are firms, all others labs; co-publication counts
are ties; UN agglomerations are places, with GDP estimated from the country's GDP per head.  The
co-publications come from papers with an author in China only: good for scale, not for conclusions.

usage: python benchmarks/world_study.py DATA_FOLDER [OUT_FOLDER]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

POPULATION_YEAR = "2020"
GDP_YEAR = 2019

DESCRIPTION = (
    "Organisations of the Research Organization Registry at city coordinates: companies as firms, "
    "all others as labs; ties are co-publications of papers with an author in China."
)

STUDY = """\
[study]
name = "Research organisations of the world"
description = "{description}"

[indicators.gdp_per_head]
{gdp_per_head}
"""


def build_inputs(data: Path, folder: Path) -> None:
    """Write firms, labs, ties, places and a study file into `folder`."""
    organisations = read_organisations(data / "ror_labs.csv.gz")
    is_firm = organisations["kind"] == "firm"
    for name, mask in (("firms", is_firm), ("labs", ~is_firm)):
        organisations[mask].drop(columns="kind").to_csv(folder / f"{name}.csv", index=False)
    read_ties(data / "copublication_ties.csv.gz").to_csv(folder / "ties.csv", index=False)
    read_places(data / "wup2018_agglomerations.csv").to_csv(folder / "places.csv", index=False)
    per_head = read_gdp_per_head(data)
    lines = "\n".join(f"{country} = {value:.0f}" for country, value in per_head.items())
    study = STUDY.format(description=DESCRIPTION, gdp_per_head=lines)
    (folder / "study.toml").write_text(study, encoding="utf-8")


def read_organisations(path: Path) -> pd.DataFrame:
    """Registry rows in the words of the data model."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    kinds = table["types"].str.split("|")
    category = kinds.map(_lab_category)
    is_firm = kinds.map(lambda types: "company" in types)
    return pd.DataFrame(
        {
            "record_id": table["id"].str.removeprefix("https://ror.org/"),
            "kind": is_firm.map({True: "firm", False: "lab"}),
            "name": table["name"],
            "place": table["city"],
            "country": table["country_code"],
            "longitude": table["lng"],
            "latitude": table["lat"],
            "category": category.mask(is_firm, "corporate"),
            "year": table["established"],
            "precision": "city",
            "source": "Research Organization Registry (CC0)",
        }
    )


def _lab_category(types: list[str]) -> str:
    for word, category in (("education", "university"), ("government", "government")):
        if word in types:
            return category
    return "institute" if "facility" in types else "other"


def read_ties(path: Path) -> pd.DataFrame:
    """Co-publication counts as weighted ties."""
    table = pd.read_csv(path, dtype=str)
    names = {"ror_a": "organisation_a", "ror_b": "organisation_b", "papers": "weight"}
    return table.rename(columns=names).assign(kind="co-publication", source="OpenAlex (CC0)")


def read_places(path: Path) -> pd.DataFrame:
    """Urban agglomerations with their population (whole heads)."""
    table = pd.read_csv(path, encoding="latin-1", skiprows=16, dtype=str)
    population = table[POPULATION_YEAR].str.replace(" ", "").astype(float) * 1000
    return pd.DataFrame(
        {
            "name": table["Urban Agglomeration"],
            "longitude": table["Longitude"],
            "latitude": table["Latitude"],
            "country": table["Country or area"],
            "population": population.astype(int),
            "year": POPULATION_YEAR,
            "source": "UN World Urbanization Prospects 2018 (CC BY 3.0 IGO)",
        }
    )


def read_gdp_per_head(data: Path) -> dict[str, float]:
    """USD per head by alpha-2 code: World Bank GDP over Natural Earth population."""
    from geoclust.gazetteer import country_code

    gdp = pd.read_csv(data / "worldbank_gdp_by_country.csv")
    gdp = gdp[gdp["Year"] == GDP_YEAR].set_index("Country Code")["Value"]
    outlines = json.loads((data / "naturalearth_lowres_pop_gdp.geojson").read_text("utf-8"))
    per_head = {}
    for feature in outlines["features"]:
        facts = feature["properties"]
        code, people = country_code(facts["iso_a3"]), facts["pop_est"]
        if code and people and facts["iso_a3"] in gdp.index:
            per_head[code] = float(gdp[facts["iso_a3"]]) / float(people)
    return dict(sorted(per_head.items()))


def main() -> None:
    """Build the inputs, run the command as a user would, print seconds and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path, nargs="?")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "world"
        folder.mkdir()
        build_inputs(arguments.data, folder)
        out = arguments.out or Path(scratch) / "results"
        start = time.perf_counter()
        study = str(folder / "study.toml")
        command = [sys.executable, "-m", "geoclust", "run", study, "--out", str(out)]
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{seconds:.1f} s wall, {used.ru_utime + used.ru_stime:.1f} s of processor, "
            f"{used.ru_maxrss / 1e6:.2f} GB peak, "
            f"page {(out / 'report.html').stat().st_size / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()
