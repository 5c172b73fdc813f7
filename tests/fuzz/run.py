"""Fuzz every door for a stated time and report what was found.

usage: run.py [--seconds TOTAL] [--jobs N] [--corpus FOLDER] [HARNESS ...]

Needs atheris.  The time is that of the processor, shared evenly, start-up not counted: so each
harness gets its share whatever else the machine does.  Each runs in a process of its own, under
guidance of the branches of geoclust that it reaches.  What escapes as anything but one of
geoclust's own errors is kept in FOLDER/found (and is then copied to tests/fuzz/found with its fix,
as a regression test); exit status 1 says that something was found.  The corpus grows in FOLDER from
run to run.  Printed for each harness: inputs tried, seconds, branches reached, inputs kept, found.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

MEMORY_MIB = 4096
SECONDS_OF_A_HANG = 1200
"""Of the clock, which also runs while the machine is held; the harness looks at processor time."""

LONGEST = 65_536
SHORTEST_SECONDS = 1.0
"""What is left of a share after a find, below which the harness is not started again."""


class Fuzzed(NamedTuple):
    """What became of one harness."""

    name: str
    inputs: int
    seconds: float
    branches: int
    corpus: int
    found: list[Path]

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.inputs:,} inputs in {self.seconds:,.0f} s, {self.branches:,} "
            f"branches, {self.corpus:,} kept, {len(self.found)} found"
        )


def main() -> int:
    """Fuzz the chosen harnesses."""
    options = _options()
    if options.one:
        _fuzz_one(options.one, options.corpus, options.seconds)
    from fuzz.doors import HARNESSES

    names = options.harnesses or list(HARNESSES)
    share = options.seconds / len(names)
    (options.corpus / "found").mkdir(parents=True, exist_ok=True)

    def fuzz(name: str) -> Fuzzed:
        done = _fuzz(name, share, options.corpus)
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()
        return done

    with ThreadPoolExecutor(options.jobs) as pool:
        every = list(pool.map(fuzz, names))
    found = sorted(path for done in every for path in done.found)
    inputs, seconds = sum(done.inputs for done in every), sum(done.seconds for done in every)
    sys.stdout.write(f"{len(names)} doors, {inputs:,} inputs, {seconds:,.0f} s of processor: ")
    sys.stdout.write(f"{len(found)} found\n")
    sys.stdout.writelines(f"  {path}\n" for path in found)
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harnesses", nargs="*")
    parser.add_argument("--seconds", type=float, default=420)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def _fuzz(name: str, seconds: float, corpus: Path) -> Fuzzed:
    """Run one harness until its time is up, again after every find."""
    _plant(name, corpus)
    before = set((corpus / "found").glob(f"{name}-*"))
    inputs, used, log, account = 0, 0.0, corpus / f"{name}.log", corpus / f"{name}.json"
    while seconds - used >= SHORTEST_SECONDS:
        command = [sys.executable, __file__, "--one", name, "--seconds", str(seconds - used)]
        account.unlink(missing_ok=True)
        with log.open("ab") as out:
            done = subprocess.run(
                [*command, "--corpus", corpus], stdout=out, stderr=out, check=False
            )
        if not account.exists():
            raise SystemExit(f"{name}: never began (status {done.returncode}); see {log}")
        told = json.loads(account.read_text())
        inputs, used = inputs + told["inputs"], used + told["seconds"]
        if done.returncode == 0:
            break
    found = sorted(set((corpus / "found").glob(f"{name}-*")) - before)
    reached = re.findall(rb"cov: (\d+)", log.read_bytes())
    branches = max(map(int, reached), default=0)
    return Fuzzed(name, inputs, used, branches, len(list((corpus / name).iterdir())), found)


def _plant(name: str, corpus: Path) -> None:
    """Write seeds and words of a harness."""
    from fuzz.seeds import WORDS, seeds

    (corpus / name).mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(seeds(name)):
        (corpus / name / f"seed-{at}").write_bytes(seed)
    words = "".join(f'"{_escaped(word)}"\n' for word in WORDS[name])
    (corpus / f"{name}.dict").write_text(words, encoding="ascii")


def _escaped(word: str) -> str:
    return "".join(
        letter
        if letter.isascii() and letter.isprintable() and letter not in '"\\'
        else "".join(f"\\x{byte:02x}" for byte in letter.encode())
        for letter in word
    )


def _fuzz_one(name: str, corpus: Path, seconds: float) -> None:
    """In a process of its own: never returns."""
    import atheris

    with atheris.instrument_imports(include=["geoclust"]):
        from fuzz import doors, harnesses
        from fuzz.seeds import seeds

        for seed in seeds(name):  # what is imported late is instrumented, too
            doors.HARNESSES[name](seed)
    harnesses.WHOLE_OF = 16
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus / name),
            f"-artifact_prefix={corpus / 'found' / name}-",
            f"-dict={corpus / name}.dict",
            "-reload=0",
            f"-timeout={SECONDS_OF_A_HANG}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-max_len={LONGEST}",
            "-report_slow_units=100000",
        ],
        _counted(doors.timed(doors.HARNESSES[name]), seconds, corpus / f"{name}.json"),
    )
    atheris.Fuzz()


def _counted(
    harness: Callable[[bytes], None], seconds: float, account: Path
) -> Callable[[bytes], None]:
    """The harness, which ends the process when its processor time is spent, and keeps count."""
    inputs, start, told = 0, time.process_time(), 0.0

    def tell(used: float) -> None:
        account.write_text(json.dumps({"inputs": inputs, "seconds": used}))

    def counted(data: bytes) -> None:
        nonlocal inputs, told
        inputs += 1
        try:
            harness(data)
        except BaseException:
            tell(time.process_time() - start)
            raise
        used = time.process_time() - start
        if used - told > 1 or used >= seconds:
            told = used
            tell(used)
        if used >= seconds:
            os._exit(0)

    tell(0.0)
    return counted


if __name__ == "__main__":
    sys.exit(main())
