"""What the world does to a run: disks fill, folders vanish, files rot, processes are killed.

In each case nothing that was there is lost, nothing half-written is taken for whole, and the same
command afterwards gives what an undisturbed run gives.
"""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faulty import faults

import geoclust as gc
from geoclust.errors import OutputError, ParameterError, UnwritableError
from geoclust.report import check_results, reserved
from geoclust.report.folders.placing import place
from geoclust.study.manifests import MANIFEST, fingerprint, read_manifest, sealed

HERE = Path(__file__).parent
FAST = "[network]\nrewirings = 0\n[report]\nfigures = false\nsurvival = false\n"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc, mount")


def folder_of(**texts):
    """Files of a small folder of results, the manifest last."""
    files = {
        name.replace("_", "/", 1).replace("_", "."): text.encode() for name, text in texts.items()
    }
    outputs = {name: fingerprint(content) for name, content in files.items()}
    facts = {"schema_version": 1, "geoclust": gc.__version__, "libraries": {}, "outputs": outputs}
    return {**files, MANIFEST: sealed(json.dumps(facts, indent=1))}


OLD = folder_of(tables_regions_csv="old", figures_map_svg="old picture", tables_gone_csv="old")
NEW = folder_of(tables_regions_csv="new", figures_map_svg="new picture")


def tree(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(files, out):
    with reserved(out) as held:
        place(files, held.folder)


def attempt(files, out):
    """What a run into a folder raises, if anything."""
    try:
        write(files, out)
    except OutputError as error:
        return error
    return None


def assert_told(error, where, code):
    assert str(where) in str(error)
    assert "MB free in" in str(error)
    assert os.strerror(code) in str(error)
    assert error.exit_status == (2 if isinstance(error, UnwritableError) else 6)


def geoclust(*arguments, faulty=None, **options):
    start = [sys.executable, "-m", "geoclust"]
    if faulty:
        start = [sys.executable, str(HERE / "faulty.py"), *map(str, faulty)]
    return subprocess.run(
        [*start, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        **options,
    )


@linux
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("lasting", [False, True])
def test_whichever_operation_fails_the_old_results_stay_or_the_new_ones_are_whole(
    tmp_path, code, lasting
):
    out = tmp_path / "out"
    write(OLD, out)
    (out / "notes.md").write_text("mine")
    before = tree(out)
    kinds, at, failed = set(), 0, 0
    while True:
        at += 1
        with faults(tmp_path, at, code, lasting=lasting) as made:
            error = attempt(NEW, out)
        if error is None:
            assert tree(out).items() >= NEW.items()
            assert check_results(out) == []
        else:
            failed += 1
            assert_told(error, tmp_path, code)
        if error is not None and out.exists():
            assert tree(out) in ({**NEW, "notes.md": b"mine"}, before)
            assert check_results(out) == []
        kinds |= {what for what, _ in made.seen[:at]}
        write(NEW, out)  # the disk is well again: the next run puts all right
        assert tree(out) == {**NEW, "notes.md": b"mine"}
        assert names(tmp_path) == ["out"]
        write(OLD, out)
        if len(made.seen) < at:
            break
    assert {"mkdir", "open", "write", "fsync", "rename", "unlink", "ftruncate"} <= kinds
    assert failed >= 12


def spoiled(content, how):
    if how == "cut":
        return content[: len(content) * 2 // 3]
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]


@pytest.mark.parametrize("how", ["bit", "cut"])
def test_a_bit_flipped_or_a_tail_cut_is_noticed_in_every_file_and_put_right(tmp_path, how):
    out = tmp_path / "out"
    write(NEW, out)
    for name, content in NEW.items():
        (out / name).write_bytes(spoiled(content, how))
        assert check_results(out) == ([name] if name != MANIFEST else check_results(out))
        assert check_results(out) != []
        write(NEW, out)
        assert check_results(out) == []
        assert tree(out) == NEW
        assert names(tmp_path) == ["out"]


def test_every_bit_and_every_tail_of_a_manifest_is_noticed(tmp_path):
    place(NEW, tmp_path / "out")
    path = tmp_path / "out" / MANIFEST
    whole = path.read_bytes()
    for at in range(len(whole)):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            path.write_bytes(content)
            found = read_manifest(tmp_path / "out")
            assert found is None or found.damaged, content
    path.write_bytes(whole)
    assert not read_manifest(tmp_path / "out").damaged


def test_a_damaged_manifest_of_ours_is_told_from_a_strangers(tmp_path):
    out = tmp_path / "out"
    write(NEW, out)
    (out / MANIFEST).write_bytes(NEW[MANIFEST][:60])
    write(NEW, out)
    assert check_results(out) == []
    (out / MANIFEST).write_text('{"name": "a web app"')
    with pytest.raises(ParameterError, match="holds no manifest"):
        write(NEW, out)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    gc.synthetic.write_toy_world(folder, seed=1)
    (folder / "study.toml").write_text(FAST)
    return folder / "study.toml"


@pytest.fixture(scope="module")
def undisturbed(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    process = geoclust("run", world, "--out", out, "--quiet")
    assert process.returncode == 0, process.stderr
    return out


def without_times(folder):
    """Content of every file, of the manifests without what a clock said."""
    found = tree(folder)
    for name in [name for name in found if Path(name).name == MANIFEST]:
        facts = json.loads(found[name])
        for stage in facts.get("stages", []):
            del stage["seconds"]
        facts.pop("history", None)
        del facts["checksum"]
        found[name] = json.dumps(facts).encode()
    return found


def small_disk(command, where, size="8m"):
    """Run a shell command in a name space of its own, where `where` is a small file system."""
    where.mkdir(exist_ok=True)
    script = f"mount -t tmpfs -o size={size} tmpfs '{where}' && {command}"
    name_space = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    return subprocess.run(
        [*name_space, "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "PYTHON": sys.executable},
    )


@linux
def test_a_full_disk_of_8_mb(world, undisturbed, tmp_path):
    """The disk is all but full and the run fails; then there is room again."""
    small, kept = tmp_path / "small", tmp_path / "kept"
    script = f"""
run() {{ "$PYTHON" -m geoclust run '{world}' --out '{small}/out' --quiet; echo "status $?"; }}
head -c 7000000 /dev/zero > '{small}/filler'
run
ls -A '{small}'
rm '{small}/filler'
run
ls -A '{small}'
cp -r '{small}/out' '{kept}'
"""
    done = small_disk(script, small)
    assert done.stdout.split() == ["status", "6", "filler", "status", "0", "out"], done.stderr
    assert "No space left on device" in done.stderr
    assert f"MB free in {small}" in done.stderr
    assert "Traceback" not in done.stderr
    assert_repeated(kept, undisturbed)


def assert_repeated(out, undisturbed):
    """Equal but for paths of inputs, which are told from where results stand."""
    mine, theirs = without_times(out), without_times(undisturbed)
    assert check_results(out) == []
    assert mine.keys() == theirs.keys()
    different = {name for name, content in mine.items() if content != theirs[name]}
    assert different <= {"study.toml", MANIFEST}


@linux
def test_a_read_only_folder_is_told_before_computing(world, tmp_path):
    small = tmp_path / "small"
    script = f"""
mkdir '{small}/in' && mount -o remount,ro '{small}'
"$PYTHON" -m geoclust run '{world}' --out '{small}/in/out' --quiet
"""
    done = small_disk(script, small)
    assert done.returncode == 2, done.stderr
    assert "Read-only file system" in done.stderr
    assert str(small / "in") in done.stderr
    assert "MB free in" in done.stderr
    assert "Traceback" not in done.stderr


@linux
@pytest.mark.slow
@pytest.mark.parametrize("what", ["vanish", "kill", "interrupt"])
def test_a_run_that_loses_its_folder_or_its_life_can_be_repeated(
    world, undisturbed, tmp_path, what
):
    home = tmp_path / "home"
    home.mkdir()
    out = home / "out"
    command = [sys.executable, "-m", "geoclust", "run", str(world), "--out", str(out), "--quiet"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 120
    while not any(home.iterdir()):
        assert time.monotonic() < patience
        time.sleep(0.01)
    if what == "vanish":
        shutil.rmtree(home)
    else:
        process.send_signal({"kill": signal.SIGKILL, "interrupt": signal.SIGINT}[what])
    _, errors = process.communicate(timeout=300)
    assert process.returncode == {"vanish": 6, "kill": -9, "interrupt": 130}[what], errors
    assert "Traceback" not in errors
    if what == "vanish":
        assert str(out) in errors
    assert not out.exists()
    assert geoclust("run", world, "--out", out, "--quiet").returncode == 0
    assert names(home) == ["out"]
    assert_repeated(out, undisturbed)


CODES = ("ENOSPC", "EIO", "EACCES")


@linux
@pytest.mark.slow
def test_the_command_with_a_fault_at_every_single_operation(world, undisturbed, tmp_path):
    out = tmp_path / "home" / "out"
    out.parent.mkdir()
    command = ("run", world, "--out", out, "--quiet")
    whole = geoclust(*command, faulty=(out.parent, 0, "EIO"))
    assert whole.returncode == 0, whole.stderr
    before = tree(out)
    statuses = set()
    with subprocess.Popen(
        [sys.executable, HERE / "faulty.py", out.parent, "each", *command],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip

        def run(at, code):
            server.stdin.write(f"{at} {code}\n")
            server.stdin.flush()
            told = json.loads(server.stdout.readline())
            return told["status"], told["errors"]

        status, errors = run(0, "EIO")
        operations = int(errors.split()[-1])
        assert (status, operations > 60) == (0, True)
        assert set(tree(out)) == set(before)
        for at in range(1, operations + 1):
            status, errors = run(at, CODES[at % len(CODES)])
            statuses.add(status)
            assert status in {0, 2, 6}, (at, errors)
            assert "Traceback" not in errors, (at, errors)
            if status:
                assert str(out.parent) in errors
                assert "MB free in" in errors
            assert check_results(out) == [], at
            assert set(tree(out)) == set(before), at
        server.stdin.close()
    assert statuses == {0, 2, 6}
    assert geoclust(*command).returncode == 0
    assert names(out.parent) == ["out"]
    assert_repeated(out, undisturbed)
