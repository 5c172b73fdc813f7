"""A batch over faults of every kind: killed, its workers killed, disks full, files spoiled.

Whatever happens, the same command with --resume ends in the same tree of files, byte for byte, as
a run that nothing happened to (but for what a clock said in the manifests).
"""

import errno
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from batches import COUNTRIES, country, no_figures, run_here, write_countries
from faulty import faults
from test_faults import linux, names, small_disk, tree, without_times

import geoclust as gc
from geoclust.batch import running
from geoclust.batch.finished import finished
from geoclust.batch.holding import held
from geoclust.batch.journal import Journal
from geoclust.batch.keys import study_key
from geoclust.batch.plan import make_plan
from geoclust.batch.processes import run_in_processes
from geoclust.batch.work import Done, Failed, Job
from geoclust.errors import OutputError, ParameterError, UnwritableError
from geoclust.report import check_results
from geoclust.study.manifests import MANIFEST

KINDS = ("png", "svg")


def command(*arguments):
    return [sys.executable, "-m", "geoclust", "batch", *map(str, arguments)]


def geoclust(*arguments):
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, timeout=1200
    )


@pytest.fixture
def whole(batch_done):
    """What an undisturbed run leaves."""
    process, out = batch_done
    assert (process.returncode, process.stderr) == (0, "")
    return out


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(running, "run_in_processes", run_here)
    monkeypatch.setattr("geoclust.batch.writing._figures", no_figures)


@pytest.fixture
def recorded(monkeypatch, whole):
    """Studies are not run anew: their finished files are those of the undisturbed run."""

    def replay(jobs, workers, *, stop, began):
        for job in jobs:
            files = tree(whole / "studies" / job.folder)
            manifest = files.pop(MANIFEST)
            yield Done(job.folder, {**files, MANIFEST: manifest})

    monkeypatch.setattr(running, "run_in_processes", replay)
    drawn = {f"figures/map.{kind}": (whole / f"figures/map.{kind}").read_bytes() for kind in KINDS}
    monkeypatch.setattr("geoclust.batch.writing._figures", lambda _: drawn)


def descendants(pid):
    found = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for path in found for child in path.read_text().split()]
    return own + [each for child in own for each in descendants(child)]


def alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def assert_gone(pids):
    patience = time.monotonic() + 60
    while any(map(alive, pids)) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not any(map(alive, pids)), "processes outlive the command"


def finished_count(out):
    """Studies in place; the folder may be half-way in place while it is looked at."""
    return len(list(out.glob("studies/[a-z]*/manifest.json")))


def kill_and_resume(arguments, out, *, times, seed):
    """Kill the command at random moments, then let it finish; how far it was at each kill."""
    rng = random.Random(seed)
    seen = []
    for number in range(times):
        resume = [] if number == 0 else ["--resume"]
        start = time.monotonic()
        process = subprocess.Popen(command(*arguments, *resume, "--quiet"))
        wait_for_progress(process, out, rng)
        workers = descendants(process.pid)
        process.kill()
        ended = process.wait()
        assert_gone(workers)
        seen.append((finished_count(out), round(time.monotonic() - start, 2), ended))
    process = geoclust(*arguments, "--resume", "--quiet")
    assert process.returncode == 0, process.stderr
    return seen


def wait_for_progress(process, out, rng):
    """Until some more studies are finished and a random moment after, or it has ended."""
    begun, more = finished_count(out), rng.choice([0, 0, 1, 1, 2, 4])
    while process.poll() is None and finished_count(out) < begun + more:
        time.sleep(0.005)
    wait = time.monotonic() + rng.uniform(0, 2.5)
    while process.poll() is None and time.monotonic() < wait:
        time.sleep(0.005)


def assert_same(out, whole):
    mine, theirs = without_times(out), without_times(whole)
    assert mine.keys() == theirs.keys()
    assert [name for name, content in mine.items() if content != theirs[name]] == []
    assert check_results(out) == []


@linux
def test_killed_three_times_and_resumed_it_leaves_the_same_bytes(batch_file, whole):
    out = batch_file.parent / "killed"
    seen = kill_and_resume([batch_file, "--out", out, "--jobs", 1], out, times=3, seed=4)
    assert [ended for _, _, ended in seen].count(-signal.SIGKILL) >= 2
    assert_same(out, whole)
    assert not list(batch_file.parent.glob(".killed*"))


@linux
@pytest.mark.slow
def test_interrupted_it_says_how_to_go_on_and_leaves_no_process(batch_file, whole):
    out = batch_file.parent / "interrupted"
    process = subprocess.Popen(
        command(batch_file, "--out", out, "--jobs", 2),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    patience = time.monotonic() + 120
    while finished_count(out) < 1 and time.monotonic() < patience:
        time.sleep(0.01)
    workers = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells the workers, too
    written, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert written == ""
    assert errors == (
        "geoclust: interrupted; nothing half-written was left behind; finished studies are kept: "
        "the same command with --resume goes on\n"
    )
    assert_gone(workers)


@linux
def test_a_worker_killed_costs_its_study_another_try_and_three_the_study(tmp_path):
    table = tmp_path / "records.csv"
    table.write_text("<html>")
    config = gc.StudyConfig(base=tmp_path)
    jobs = [Job(name, name, config, "", tmp_path) for name in ("once", "thrice", "never")]
    begun = []

    def began(job):
        begun.append(job.folder)
        if begun.count(job.folder) <= {"once": 1, "thrice": 3, "never": 0}[job.folder]:
            for worker in multiprocessing.active_children():
                worker.kill()

    outcomes = list(run_in_processes(jobs, 1, stop=lambda: False, began=began))
    assert [(each.folder, each.kind) for each in outcomes] == [
        ("once", "input"), ("thrice", "worker"), ("never", "input"),
    ]  # fmt: skip
    assert begun == ["once"] * 2 + ["thrice"] * 3 + ["never"]
    assert "3 times (killed by SIGKILL)" in outcomes[1].reason
    assert multiprocessing.active_children() == []


def test_on_a_dask_cluster_it_writes_the_same_bytes(batch_file, whole):
    dask = pytest.importorskip("distributed")
    out = batch_file.parent / "dasked"
    options = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1}
    with dask.LocalCluster(n_workers=1, processes=False, protocol="tcp", **options) as cluster:
        gc.run_batch(batch_file, out, scheduler=cluster.scheduler_address)
    assert_same(out, whole)


@pytest.mark.slow
def test_a_worker_of_a_dask_cluster_killed_changes_nothing(batch_file, whole):
    dask = pytest.importorskip("distributed")
    out = batch_file.parent / "dasked"
    options = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1}
    killed = []
    with dask.LocalCluster(n_workers=2, processes=True, **options) as cluster:

        def progress(event, study, settled, total):
            if event == "done" and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        batch = gc.run_batch(
            batch_file, out, scheduler=cluster.scheduler_address, progress=progress
        )
    assert killed
    assert batch.failures.empty
    assert_same(out, whole)


def test_results_do_not_hang_on_the_name_of_their_folder(recorded, batch_file, whole, tmp_path):
    unnamed = batch_file.read_text().replace('name = "Three countries"', "")
    config = gc.BatchConfig.from_text(unnamed, base=batch_file.parent)
    one, other = (batch_file.parent / name for name in ("one_name", "other"))
    assert gc.run_batch(config, one).name == batch_file.parent.name
    gc.run_batch(config, other)
    assert_same(one, other)


def test_only_what_changed_or_is_spoiled_is_run_again(here, tmp_path):
    path = write_countries(tmp_path)
    out = tmp_path / "out"
    gc.run_batch(path, out)
    before = without_times(out)
    times = {p: p.stat().st_mtime_ns for p in out.glob("studies/*/*")}
    assert set(gc.run_batch(path, out, resume=True).studies["state"]) == {"kept"}
    assert {p: p.stat().st_mtime_ns for p in out.glob("studies/*/*")} == times
    page = out / "studies" / "bora" / "report.html"
    page.write_bytes(page.read_bytes()[:-1])
    (out / "regions.csv").write_text("spoiled")
    states = gc.run_batch(path, out, resume=True).studies["state"].to_dict()
    assert states == {"alba": "kept", "bora": "done", "cora": "kept"}
    assert without_times(out) == before
    longer = country("alba", *COUNTRIES["alba"], 0).head(39)
    longer.to_csv(tmp_path / "countries" / "alba.csv", index=False)
    path.write_text(path.read_text().replace("min_cluster_size = 8", "min_cluster_size = 9"))
    states = gc.run_batch(path, out, resume=True).studies["state"].to_dict()
    assert states == {"alba": "done", "bora": "kept", "cora": "done"}
    fresh = tmp_path / "fresh"
    gc.run_batch(path, fresh)
    assert_same(out, fresh)


def test_every_file_of_a_finished_study_is_guarded(batch_file, whole, monkeypatch):
    unit = make_plan(gc.BatchConfig.from_toml(batch_file), whole).units[0]
    folder = whole / "studies" / unit.folder
    key = study_key(unit.config, folder)
    assert finished(whole, unit.folder, key) is not None
    assert finished(whole, unit.folder, key[::-1]) is None
    for name, content in tree(folder).items():
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :]
        for spoiled in (flipped, content[:middle], content[:-1]):
            (folder / name).write_bytes(spoiled)
            assert finished(whole, unit.folder, key) is None, name
        (folder / name).unlink()
        assert finished(whole, unit.folder, key) is None, name
        (folder / name).write_bytes(content)
    assert finished(whole, unit.folder, key) is not None
    monkeypatch.setattr("geoclust.__version__", "9.9")
    assert study_key(unit.config, folder) != key


def test_a_second_batch_into_the_folder_is_refused_and_names_the_first(batch_file, whole):
    with held(whole), pytest.raises(ParameterError, match=rf"process {os.getpid()}, started"):
        gc.run_batch(batch_file, whole)
    lock = whole.parent / f".{whole.name}.lock"
    lock.write_text('{"pid": 1, "start": "long ago"}')  # stale: nobody holds it
    with held(whole):
        pass
    assert not lock.exists()


def test_folders_of_others_are_left_alone(batch_file, tmp_path, here):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(ParameterError, match="holds no batch of geoclust"):
        gc.run_batch(batch_file, tmp_path)
    assert names(tmp_path) == ["thesis.docx"]
    run = tmp_path / "run"
    run.mkdir()
    outputs = {"schema_version": 1, "geoclust": "0.1.0", "outputs": {}}
    (run / MANIFEST).write_text(json.dumps(outputs))
    with pytest.raises(ParameterError, match="holds results of a single study"):
        gc.run_batch(batch_file, run)


def test_a_journal_survives_torn_and_spoiled_lines(tmp_path):
    journal = Journal(tmp_path)
    assert journal.read() == []
    for study in ("a", "b", "c"):
        journal.add("done", study=study)
    path = tmp_path / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    assert [entry["study"] for entry in journal.read()] == ["a", "b", "c"]
    spoiled = lines[1].replace(b'"b"', b'"x"')
    for at in range(len(lines[2])):
        path.write_bytes(lines[0] + spoiled + lines[2][:at])
        assert [entry["study"] for entry in journal.read()] in (["a"], ["a", "c"])
    journal.add("done", study="d")
    assert [entry["study"] for entry in journal.read()][-1] == "d"
    path.write_bytes(b"\xff\x00" * 50)
    assert journal.read() == []


CODES = (errno.ENOSPC, errno.EIO, errno.EACCES)


def fail_at(batch_file, out, whole, chosen):
    """Let operations fail, one in each run, and look at what is left; then resume."""
    with faults(out.parent, 0) as made:
        gc.run_batch(batch_file, out)
    met = set()
    for at in chosen(len(made.seen)):
        error = attempt(batch_file, out, at)
        if error is not None:
            met.add(type(error))
            assert str(out.parent) in str(error)
            assert "MB free in" in str(error)
        for study in (out / "studies").iterdir():
            if not study.name.startswith("."):
                assert check_results(study) == [], (at, study)
        if (out / MANIFEST).exists():
            assert check_results(out) == [], at
    assert met == {OutputError, UnwritableError}
    gc.run_batch(batch_file, out, resume=True)
    assert_same(out, whole)
    assert [name for name in names(out.parent) if name.startswith(".")] == []


def attempt(batch_file, out, at):
    with faults(out.parent, at, CODES[at % len(CODES)]):
        try:
            gc.run_batch(batch_file, out)
        except OutputError as error:
            return error
    return None


@linux
def test_some_operations_of_a_batch_fail(recorded, batch_file, whole):
    def some(total):
        return [2, 4, *range(9, total // 2, 40), *range(total - 8, total + 1, 4)]

    fail_at(batch_file, batch_file.parent / "faulty", whole, some)


@linux
@pytest.mark.slow
def test_every_operation_of_a_batch_fails_once(recorded, batch_file, whole):
    fail_at(batch_file, batch_file.parent / "faulty", whole, lambda total: range(1, total + 1))


@linux
@pytest.mark.slow
def test_a_batch_on_a_disk_of_8_mb_goes_on_when_there_is_room(batch_file, whole, tmp_path):
    small = batch_file.parent / "small"
    script = f"""
run() {{
  "$PYTHON" -m geoclust batch '{batch_file}' -o '{small}/out' -j 2 -q $1; echo "status $?"
}}
head -c 3000000 /dev/zero > '{small}/filler'
run
rm '{small}/filler'
mount -o remount,size=64m '{small}'
run --resume
cp -r '{small}/out' '{tmp_path}/out'
mount -o remount,ro '{small}'
run --resume
"""
    done = small_disk(script, small)
    assert done.stdout.split("\n") == ["status 6", "status 0", "status 2", ""], done.stderr
    assert "No space left on device" in done.stderr
    assert f"MB free in {small}" in done.stderr
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    mine, theirs = without_times(tmp_path / "out"), without_times(whole)
    assert mine.keys() == theirs.keys()
    # study.toml and what depends on it tell paths from where they stand, one folder deeper here
    different = {Path(name).name for name, content in mine.items() if content != theirs[name]}
    assert different <= {"study.toml", MANIFEST, "journal.jsonl"}


@linux
@pytest.mark.slow
def test_an_output_folder_that_vanishes_is_told_and_made_again(batch_file, whole):
    import shutil

    out = batch_file.parent / "vanished"
    process = subprocess.Popen(
        command(batch_file, "--out", out, "--jobs", 1), stderr=subprocess.PIPE, text=True
    )
    patience = time.monotonic() + 120
    while finished_count(out) < 1 and time.monotonic() < patience:
        time.sleep(0.01)
    shutil.rmtree(out)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 6, errors
    assert str(out) in errors
    assert "Traceback" not in errors
    assert geoclust(batch_file, "--out", out, "--resume", "--quiet").returncode == 0
    assert_same(out, whole)


@linux
@pytest.mark.slow
@pytest.mark.shared
def test_60_countries_killed_at_20_random_moments(shared_data, tmp_path):
    """On two cores, ended by SIGKILL at 20 random moments and resumed: the same bytes."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    from world_study import read_organisations

    table = read_organisations(shared_data / "ror_labs.csv.gz")
    (tmp_path / "countries").mkdir()
    chosen = table["country"].value_counts().head(60).index
    for code in chosen:
        path = tmp_path / "countries" / f"{code}.csv"
        table[table["country"] == code].to_csv(path, index=False)
    (tmp_path / "study.toml").write_text("[study]\nseed = 1\n")
    files = sorted((tmp_path / "countries").iterdir())
    shared = ["--template", tmp_path / "study.toml", *files, "--jobs", 2]
    start = time.monotonic()
    process = geoclust(*shared, "--out", tmp_path / "whole", "--quiet")
    seconds = time.monotonic() - start
    assert process.returncode == 0, process.stderr
    out = tmp_path / "killed"
    seen = kill_and_resume([*shared, "--out", out], out, times=20, seed=60)
    print(f"uninterrupted: {seconds:.0f} s; studies finished at each kill: {seen}")  # noqa: T201
    assert sum(ended == -signal.SIGKILL for *_, ended in seen) == 20
    assert finished_count(out) == len(pd.read_csv(out / "studies.csv")) == 60
    assert_same(out, tmp_path / "whole")


def test_what_a_study_raises_becomes_its_failure(monkeypatch, tmp_path):
    from geoclust.batch import work as working

    def faulty(config):
        raise {"memory": MemoryError, "ours": ZeroDivisionError}[config.study.name]("x")

    monkeypatch.setattr(working, "run_study", faulty)
    for name, kind, words in (("memory", "worker", "--jobs"), ("ours", "fault", "report it")):
        config = gc.StudyConfig.from_text(f"[study]\nname = '{name}'")
        found = working.work(Job("x", "x", config, "", tmp_path))
        assert isinstance(found, Failed)
        assert (found.kind, words in found.reason) == (kind, True)
