"""Hierarchies on disk: the same regions back, and damage noticed."""

import json
import math
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoclust.clustering import build_hierarchy, extract_regions, storage
from geoclust.clustering.hierarchy import canonical_forest
from geoclust.clustering.spanning_tree import spanning_forest
from geoclust.clustering.storage import DIGEST_LENGTH, MAGIC, load_hierarchy
from geoclust.errors import InputError, OutputError, ParameterError
from geoclust.schema import as_records

START = len(MAGIC) + DIGEST_LENGTH


def some_records(n=400, seed=0):
    rng = np.random.default_rng(seed)
    home = rng.integers(0, 6, n)
    at = np.round(home * 0.7 + rng.normal(0, 0.02, n), 2), np.round(45 + rng.normal(0, 0.02, n), 2)
    table = {
        "kind": rng.choice(["firm", "lab"], n),
        "longitude": at[0],
        "latitude": at[1],
        "weight": rng.choice([1.0, 1 / 3, 2.0], n),
        "country": rng.choice(["FR", "IT", None], n),
    }
    index = [f"Zürich/{i:04}\n{'x' * (i % 5)}" for i in range(n)]
    return as_records(pd.DataFrame(table, index=index))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    built = build_hierarchy(some_records(), resolution_km=1, kind_weights={"lab": 0.5})
    path = tmp_path_factory.mktemp("store") / "some.hierarchy"
    assert built.save(path) == path
    return built, path


def same(a, b):
    for name in ("region_of", "membership", "outlier_score", "nearest_region"):
        pd.testing.assert_series_equal(getattr(a, name), getattr(b, name))
    pd.testing.assert_frame_equal(a.regions, b.regions)
    assert a.parameters == b.parameters


@pytest.mark.parametrize("rules", [{}, {"density_scale": "inverse", "min_cluster_size": 4}])
def test_loaded_hierarchies_give_the_same_regions(saved, rules):
    built, path = saved
    loaded = load_hierarchy(path)
    assert repr(loaded) == repr(built)
    assert len(extract_regions(built, **rules).regions) >= 4
    same(extract_regions(loaded, **rules), extract_regions(built, **rules))
    pd.testing.assert_frame_equal(loaded.locations.records, built.locations.records)
    pd.testing.assert_series_equal(loaded.core_km, built.core_km)


def test_results_follow_the_records_given(saved):
    built, path = saved
    shuffled = some_records().sample(frac=1, random_state=1)
    found = extract_regions(load_hierarchy(path, shuffled))
    assert found.region_of.index.equals(shuffled.index)
    pd.testing.assert_series_equal(
        found.region_of, extract_regions(built).region_of.loc[shuffled.index]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.iloc[1:],
        lambda r: r.rename({r.index[3]: "other"}),
        lambda r: r.assign(weight=r["weight"].where(np.arange(len(r)) != 5, 1.5)),
        lambda r: r.assign(longitude=r["longitude"] + 1e-6 * (np.arange(len(r)) == 9)),
        lambda r: r.assign(country=r["country"].where(np.arange(len(r)) != 7, "DE")),
        lambda r: r.assign(kind=r["kind"].where(np.arange(len(r)) > 9, "lab")),
    ],
)
def test_other_records_are_refused(saved, change):
    with pytest.raises(InputError, match="built from other records than the"):
        load_hierarchy(saved[1], change(some_records()))


def test_any_flipped_bit_is_noticed(saved, tmp_path):
    whole = saved[1].read_bytes()
    rng = np.random.default_rng(0)
    places = {*range(START), *rng.integers(0, len(whole), 400).tolist(), len(whole) - 1}
    for place in sorted(places):
        broken = bytearray(whole)
        broken[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "broken").write_bytes(broken)
        with pytest.raises(InputError, match=r"damaged|not a hierarchy"):
            load_hierarchy(tmp_path / "broken")


def test_any_cut_tail_is_noticed(saved, tmp_path):
    whole = saved[1].read_bytes()
    rng = np.random.default_rng(1)
    for length in {0, 1, START - 1, START, *rng.integers(START, len(whole), 40).tolist()}:
        (tmp_path / "cut").write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"damaged|not a hierarchy"):
            load_hierarchy(tmp_path / "cut")
    (tmp_path / "longer").write_bytes(whole + b"\0")
    with pytest.raises(InputError, match="damaged"):
        load_hierarchy(tmp_path / "longer")


class Trap:
    """Runs a command as soon as it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def foreign(kind, sprung, other):
    """A file of another program that holds a trap."""
    trap = Trap(sprung)
    traps = np.array([trap], dtype=object)
    with other.open("wb") as file:
        if kind == "pickle":
            pickle.dump(trap, file)
        elif kind == "joblib":
            joblib.dump(trap, file)
        elif kind == "npy":
            np.save(file, traps, allow_pickle=True)
        else:
            np.savez(file, **dict.fromkeys(storage._DTYPES, traps))
    return other.read_bytes()


@pytest.mark.parametrize("kind", ["pickle", "joblib", "npy", "npz"])
def test_nothing_foreign_is_unpickled(kind, tmp_path):
    """Neither as it is nor behind our own first lines and a checksum that is right."""
    sprung, other = tmp_path / "sprung", tmp_path / "other"
    content = foreign(kind, sprung, other)
    with pytest.raises(InputError, match="not a hierarchy saved by geoclust"):
        load_hierarchy(other)
    with other.open("w+b") as file:
        file.write(MAGIC + b"0" * 64 + b"\n" + content)
        file.write(storage._digest_of_rest(file))
    with pytest.raises(InputError, match="not a sound hierarchy"):
        load_hierarchy(other)
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))
    assert sprung.exists()  # the trap works


def rewritten(path, **changes):
    """The file with other arrays and a checksum that is right."""
    with path.open("rb") as file:
        file.seek(START)
        arrays = dict(np.load(file))
    for name, change in changes.items():
        if name == "header":
            header = {**json.loads(arrays["header"].tobytes()), **change}
            arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        elif change is None:
            del arrays[name]
        else:
            arrays[name] = change(arrays.get(name))
    other = path.with_name("other")
    with other.open("w+b") as file:
        file.write(MAGIC + b"0" * 64 + b"\n")
        np.savez(file, **arrays)
        file.write(storage._digest_of_rest(file))
    return other


def test_rewriting_alone_does_no_harm(saved):
    same(extract_regions(load_hierarchy(rewritten(saved[1]))), extract_regions(saved[0]))


@pytest.mark.parametrize(
    "changes",
    [
        {"a": lambda a: a + 10**6},
        {"b": lambda b: -b - 1},
        {"a": lambda a: a[:-1]},
        {"a": lambda a: a.astype(np.int64)},
        {"location": lambda at: at + 10**6},
        {"country": lambda code: code + 5},
        {"id_ends": lambda ends: ends[::-1].copy()},
        {"id_ends": lambda ends: ends + 10**9},
        {"id_bytes": lambda text: text | 0x80},
        {"core": lambda core: core.reshape(-1, 1)},
        {"weight": lambda w: w.astype(object)},
        {"squared": None},
        {"extra": lambda _: np.zeros(3)},
        {"header": {"format": 2}},
        {"header": {"countries": 5}},
        {"header": {"resolution_km": "near"}},
        {"a": lambda a: np.append(a[:-1], a[0]), "b": lambda b: np.append(b[:-1], b[0])},
    ],
    ids="-".join,
)
def test_unsound_contents_are_refused(saved, changes):
    with pytest.raises(InputError, match=r"not a sound hierarchy"):
        load_hierarchy(rewritten(saved[1], **changes))


def test_compressed_archives_are_refused(saved):
    other = rewritten(saved[1])
    with zipfile.ZipFile(other) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with other.open("w+b") as file:
        file.write(MAGIC + b"0" * 64 + b"\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        file.write(storage._digest_of_rest(file))
    with pytest.raises(InputError, match="not a sound hierarchy"):
        load_hierarchy(other)


def test_files_that_are_none_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_hierarchy(tmp_path / "absent")
    (tmp_path / "text").write_text("not this")
    with pytest.raises(InputError, match="not a hierarchy saved by geoclust"):
        load_hierarchy(tmp_path / "text")


def test_writing_leaves_the_old_file_or_the_new(saved, tmp_path, monkeypatch):
    built, path = saved
    (tmp_path / "kept").write_bytes(path.read_bytes())

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", lambda *_, **__: full())
    with pytest.raises(OutputError, match="no space left"):
        built.save(tmp_path / "kept")
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_bytes() == path.read_bytes()
    with pytest.raises(OutputError, match="cannot be written"):
        built.save(tmp_path / "no folder" / "file")


@pytest.mark.parametrize("max_link_km", [100.0, math.inf])
def test_nothing_and_no_limit(max_link_km, tmp_path):
    none = as_records(pd.DataFrame({"kind": [], "longitude": [], "latitude": []}, index=[]))
    built = build_hierarchy(none, max_link_km=max_link_km)
    loaded = load_hierarchy(built.save(tmp_path / "none"), none)
    assert loaded.max_link_km == max_link_km
    same(extract_regions(loaded), extract_regions(built))


def test_the_same_hierarchy_is_the_same_file(saved, tmp_path):
    again = build_hierarchy(some_records(), resolution_km=1, kind_weights={"lab": 0.5})
    assert again.save(tmp_path / "again").read_bytes() == saved[1].read_bytes()


def test_upstream_is_fitted_anew(tmp_path):
    records = some_records(60).assign(weight=1.0)
    built = build_hierarchy(records, engine="hdbscan", max_link_km=math.inf)
    loaded = load_hierarchy(built.save(tmp_path / "upstream"))
    assert loaded.upstream is None
    rules = {"density_scale": "inverse", "max_extent_km": None, "min_membership": 0.0}
    same(extract_regions(loaded, **rules), extract_regions(built, **rules))


def test_records_without_an_id_are_refused(tmp_path):
    records = some_records(5)
    records.index = pd.Index(["a", "b", np.nan, "c", "d"], dtype="str")
    with pytest.raises(ParameterError, match="have no id"):
        build_hierarchy(records).save(tmp_path / "x")


def test_equal_records_give_equal_files(tmp_path):
    """Whatever the order of rows, and whichever of equal edges were found by which path."""
    records = some_records(1500, seed=3)
    records[["longitude", "latitude"]] = records[["longitude", "latitude"]].round(2)
    built = build_hierarchy(records, resolution_km=1, min_samples=3)
    expected = built.save(tmp_path / "a").read_bytes()
    shuffled = build_hierarchy(
        records.sample(frac=1, random_state=4), resolution_km=1, min_samples=3
    )
    assert shuffled.save(tmp_path / "b").read_bytes() == expected
    forest, rng = built.forest, np.random.default_rng(5)
    turned = rng.permutation(len(forest.a))
    other = replace(forest, a=forest.b[turned], b=forest.a[turned], squared=forest.squared[turned])
    assert replace(built, forest=other).save(tmp_path / "c").read_bytes() == expected


@pytest.mark.parametrize("seed", range(8))
def test_the_stored_forest_has_the_same_components(seed):
    rng = np.random.default_rng(seed)
    positions = np.unique(rng.integers(0, 9, (3, 60)).astype(float), axis=1)
    weight = rng.integers(1, 6, positions.shape[1])
    forest = spanning_forest(positions, weight, need=6, longest=float(rng.integers(3, 80)))
    stored = canonical_forest(forest, weight)
    np.testing.assert_array_equal(np.sort(stored.squared), np.sort(forest.squared))
    for length in np.unique(forest.squared):
        assert components(stored, length) == components(forest, length)


def components(forest, length):
    keep = forest.squared <= length
    links = coo_array((np.ones(keep.sum()), (forest.a[keep], forest.b[keep])), shape=(99, 99))
    labels = connected_components(links, directed=False)[1]
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
