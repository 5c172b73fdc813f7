"""What a run will need is said before it starts, and holds within the factor stated."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

import geoclust as gc
from geoclust.cli.main import _status
from geoclust.study import Needs, needs

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("needs_benchmark", BENCHMARKS / "needs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, benchmark: ModuleType) -> Path:
    folder = tmp_path_factory.mktemp("world")
    benchmark.write_world(folder, 400)
    return folder


def test_check_says_what_a_run_will_need(
    world: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _status(["check", str(world), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["needs"]
    assert 200 < told["memory_mb"] < 1000
    assert 1 < told["seconds"] < 60
    assert told["within_factor"] == needs.FACTOR
    assert _status(["check", str(world)]) == 0
    said = capsys.readouterr().out
    assert "A run will need about 0." in said
    assert "GB are free" in said


def test_a_run_that_does_not_fit_is_warned_of(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = gc.StudyConfig.from_directory(world)
    config = config.model_copy(
        update={"report": config.report.model_copy(update={"survival": False})}
    )
    assert not any("this run needs" in words for words in gc.run_study(config).warnings)
    monkeypatch.setattr(needs, "available_memory_mb", lambda: 50.0)
    warned = " ".join(gc.run_study(config).warnings)
    assert "this run needs about 0." in warned
    assert "only 0.1 GB are free" in warned


def test_more_records_need_more() -> None:
    def of(records: int, ties: int) -> Needs:
        return needs.needs_of(records, ties)

    for small, large in ((of(10, 0), of(10_000, 0)), (of(10_000, 0), of(10_000, 50_000))):
        assert small.memory_mb < large.memory_mb
        assert small.seconds < large.seconds


def test_the_memory_that_is_free_is_that_of_the_container(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = {
        "/proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable: 8000000 kB\n",
        "/sys/fs/cgroup/memory.max": "3000000000\n",
        "/sys/fs/cgroup/memory.current": "1000000000\n",
    }

    def read(path: Path, **_: object) -> str:
        if str(path) not in files:
            raise FileNotFoundError(path)
        return files[str(path)]

    monkeypatch.setattr(Path, "read_text", read)
    assert needs.available_memory_mb() == 2000.0
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    assert needs.available_memory_mb() == 8000.0
    files.clear()
    assert needs.available_memory_mb() is None


@pytest.mark.slow
@pytest.mark.parametrize("records", [10_000, 100_000, 1_000_000])
def test_the_estimate_holds_within_its_factor(records: int, benchmark: ModuleType) -> None:
    found = benchmark.measure(records)
    for measured, said in ((found.peak_mb, found.said_mb), (found.seconds, found.said_seconds)):
        assert 1 / needs.FACTOR < measured / said < needs.FACTOR, found
