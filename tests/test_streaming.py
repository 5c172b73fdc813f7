"""Long tables: batches give what the whole table gives, in any order; nothing is lost quietly."""

import gzip
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import geoclust as gc
from geoclust.clustering.streaming import NOWHERE, Batch, collapse_batches
from geoclust.errors import InputError, OutputError, ParameterError
from geoclust.records import batches as door
from geoclust.study import large_table
from geoclust.study.large_table import ANSWERS, cluster_table


def towns(n, seed, countries=True):
    """Rows at a few hundred town centres; some weights and countries missing."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 300, n)
    longitude, latitude = rng.normal(8, 2, 300).round(3), rng.normal(48, 1, 300).round(3)
    table = pd.DataFrame(
        {
            "lon": longitude[at],
            "lat": latitude[at],
            "size": rng.choice([1.0, 0.5, 2.0, np.nan], n),
            "name": [f"row {i}" for i in range(n)],
        }
    )
    if countries:
        table["cc"] = pd.Series(rng.choice(["DE", "FR", "CH", None], n), dtype="str")
    return table


COLUMNS = {"longitude": "lon", "latitude": "lat", "weight": "size", "country": "cc"}


def as_records(table):
    named = table.rename(columns={foreign: name for name, foreign in COLUMNS.items()})
    named["weight"] = named["weight"].fillna(1.0)
    return named.assign(kind="firm", record_id=[f"{i:06d}" for i in range(len(table))]).set_index(
        "record_id"
    )


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(door, "BATCH_ROWS", 700)
    monkeypatch.setattr(large_table, "BATCH_ROWS", 700)
    monkeypatch.setattr(door, "BATCH_BYTES", 40_000)


def write(table, path):
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    if path.suffix == ".parquet":
        pq.write_table(arrow, path, row_group_size=500)
    else:
        table.to_csv(path, index=False)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_a_long_table_gives_what_its_records_give(tmp_path, ending, small_batches):
    table = towns(5000, 1)
    write(table, tmp_path / f"in{ending}")
    found = cluster_table(
        tmp_path / f"in{ending}",
        tmp_path / "out.parquet",
        columns=COLUMNS,
        keep=["name"],
        min_samples=6,
        resolution_km=1,
    )
    records = as_records(table)
    whole = gc.extract_regions(gc.build_hierarchy(records, min_samples=6, resolution_km=1))
    assert len(whole.regions) > 3
    assert_frame_equal(
        found.regions, whole.regions.assign(location_count=found.regions["location_count"])
    )
    assert found.row_count == 5000
    assert found.nowhere_count == 0
    answers = pd.read_parquet(tmp_path / "out.parquet")
    assert answers["name"].tolist() == table["name"].tolist()
    for name in ANSWERS:
        expected = {"region_id": whole.region_of, "nearest_region": whole.nearest_region}.get(
            name, getattr(whole, name, None)
        )
        assert np.array_equal(
            answers[name].fillna("").to_numpy() if answers[name].dtype == "str" else answers[name],
            expected.fillna("").to_numpy() if expected.dtype == "str" else expected,
        ), name
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"in{ending}", "out.parquet"]


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 25))
def test_batches_do_not_matter(seed, n, cut):
    rng = np.random.default_rng(seed)
    whole = Batch(
        rng.choice([-180.0, 180.0, 2.5, 7.0, np.nan, 181.0], n),
        rng.choice([-90.0, 90.0, 48.0, 48.5, -91.0], n),
        rng.choice([1.0, 1 / 3, 0.0, -1.0, np.inf, np.nan, 7.0], n),
        (rng.integers(-1, 2, n).astype(np.int32), ["FR", "DE"]),
    )
    one = collapse_batches([whole])
    parts = [
        Batch(
            whole.longitude[low : low + cut],
            whole.latitude[low : low + cut],
            whole.weight[low : low + cut],
            # another numbering of the countries in each batch
            (np.where(codes < 0, -1, 1 - codes).astype(np.int32), ["DE", "FR"]),
        )
        for low in range(0, n, cut)
        for codes in [whole.country[0][low : low + cut]]
    ]
    many = collapse_batches(parts)
    assert_frame_equal(one.records, many.records)
    assert np.array_equal(one.spot_of, many.spot_of)
    assert np.array_equal(one.rows, many.rows)
    order = rng.permutation(n)
    codes, names = whole.country
    shuffled = Batch(*(column[order] for column in whole[:3]), (codes[order], names))
    other = collapse_batches([shuffled])
    assert_frame_equal(one.records, other.records)
    assert np.array_equal(one.spot_of[order], other.spot_of)


def test_poles_and_the_date_line_are_one_spot():
    longitude = np.array([180.0, -180.0, 10.0, 20.0, 10.0])
    latitude = np.array([5.0, 5.0, 90.0, 90.0, 5.0])
    assert collapse_batches([Batch(longitude, latitude)]).spot_of.tolist() == [0, 0, 2, 2, 1]


def test_spots_tell_countries_apart():
    codes = np.array([0, 1, -1, 0], np.int32)
    spots = collapse_batches([Batch(np.zeros(4), np.zeros(4), None, (codes, ["FR", "DE"]))])
    assert spots.records["country"].fillna("?").tolist() == ["?", "DE", "FR"]
    assert spots.records["weight"].tolist() == [1, 1, 2]
    assert spots.spot_of.tolist() == [2, 1, 0, 2]


def test_unusable_rows_are_counted_and_answered_with_nothing(tmp_path):
    table = towns(400, 2)
    table.loc[0, "lon"], table.loc[1, "lat"], table.loc[2, "size"] = np.nan, 95.0, 0.0
    write(table, tmp_path / "in.parquet")
    found = cluster_table(tmp_path / "in.parquet", tmp_path / "out.csv", columns=COLUMNS)
    assert found.nowhere_count == 3
    assert "3 rows nowhere" in repr(found)
    answers = pd.read_csv(tmp_path / "out.csv")
    assert len(answers) == 400
    assert list(answers) == list(ANSWERS)
    assert answers.loc[:2].isna().all(axis=None)
    assert answers.loc[3:, "membership"].notna().all()
    assert found.regions["record_count"].sum() == answers["region_id"].notna().sum()


def test_an_empty_table_is_answered(tmp_path):
    write(towns(0, 0), tmp_path / "in.parquet")
    found = cluster_table(tmp_path / "in.parquet", tmp_path / "out.parquet", columns=COLUMNS)
    assert (found.row_count, len(found.regions)) == (0, 0)
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


def test_faults_are_told(tmp_path):
    table = towns(50, 3)
    write(table, tmp_path / "in.csv")
    source, out = tmp_path / "in.csv", tmp_path / "out.parquet"
    with pytest.raises(InputError, match=r"lacks the columns \['longitude', 'latitude'\]"):
        cluster_table(source, out)
    with pytest.raises(InputError, match=r"CSV column #3.*row 0"):
        cluster_table(source, out, columns={**COLUMNS, "weight": "name"})
    with pytest.raises(ParameterError, match=r"unknown parameters \['min_sample'\]"):
        cluster_table(source, out, columns=COLUMNS, min_sample=3)
    with pytest.raises(ParameterError, match="min_cluster_size is 1"):
        cluster_table(source, out, columns=COLUMNS, min_cluster_size=1)
    with pytest.raises(ParameterError, match=r"columns names \['lon'\]"):
        cluster_table(source, out, columns={"lon": "longitude"})
    with pytest.raises(ParameterError, match=r"\.parquet or \.csv"):
        cluster_table(source, tmp_path / "out.xlsx", columns=COLUMNS)
    with pytest.raises(OutputError, match="cannot be written"):
        cluster_table(source, tmp_path / "no folder" / "out.csv", columns=COLUMNS)
    with pytest.raises(InputError, match="there is no such file"):
        cluster_table(tmp_path / "absent.parquet", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_damaged_files_are_refused_by_name(tmp_path):
    write(towns(50, 3), tmp_path / "in.parquet")
    whole = (tmp_path / "in.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-20])
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"lon,lat\n" + b"1,2\n" * 9000)[:-9])
    for name in ("cut.parquet", "cut.csv.gz"):
        with pytest.raises(InputError, match=name):
            list(door.read_batches(tmp_path / name, ["lon"], numbers=["lon"]))
    (tmp_path / "in.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(InputError, match="only Parquet and CSV"):
        list(door.read_batches(tmp_path / "in.geojson", ["lon"]))


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    write(towns(50, 3), tmp_path / "in.parquet")
    monkeypatch.setattr(door, "MAX_ROWS", 49)
    with pytest.raises(InputError, match="more than 49 rows"):
        list(door.read_batches(tmp_path / "in.parquet", ["lon"]))


def test_other_delimiters_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("\ufefflon;lat\n1.5;2\n;3\n", encoding="utf-8")
    (batch,) = door.read_batches(path, ["lon", "lat"], numbers=["lon", "lat"])
    assert door.number_column(batch, "lon").tolist()[0] == 1.5
    assert np.isnan(door.number_column(batch, "lon")[1])
    assert door.number_column(batch, "lat").tolist() == [2, 3]


def test_weights_too_large_to_add_exactly_are_refused():
    with pytest.raises(ParameterError, match="divide every weight"):
        collapse_batches([Batch(np.zeros(2), np.zeros(2), np.array([1e9, 2e9]))])


def test_nowhere_is_no_spot():
    spots = collapse_batches([Batch(np.array([np.nan]), np.array([0.0]))])
    assert spots.spot_of.tolist() == [NOWHERE]
    assert len(spots.records) == 0
    assert repr(spots).startswith("<Spots: 1 rows on 0 spots; 1 without")


@pytest.mark.slow
def test_twenty_million_rows_fit_into_two_gigabytes(tmp_path):
    rng = np.random.default_rng(0)
    places = rng.uniform(-180, 180, 200_000), rng.uniform(-60, 70, 200_000)
    schema = pa.schema({"longitude": pa.float64(), "latitude": pa.float64()})
    with pq.ParquetWriter(tmp_path / "in.parquet", schema) as writer:
        for _ in range(20):
            at = (rng.random(1_000_000) ** 3 * 200_000).astype(np.int64)
            writer.write_batch(pa.record_batch([axis.round(4)[at] for axis in places], schema))
    code = (
        "import resource, sys; from geoclust.study.large_table import cluster_table; "
        "print(cluster_table(*sys.argv[1:], min_samples=10, min_cluster_size=50).row_count); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "in.parquet", tmp_path / "out.parquet"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows, kilobytes = map(int, done.stdout.split())
    assert rows == 20_000_000
    assert kilobytes < 2 * 1024**2
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.num_rows == rows
