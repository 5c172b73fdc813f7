"""Fuzz every door for a stated time and report what was found.

usage: run.py [--seconds TOTAL] [--corpus FOLDER] [HARNESS ...]

Needs atheris.  The time is shared evenly; each harness runs in a process of its own, under guidance
of the branches of geoclust that it reaches.  What escapes as anything but one of geoclust's own
errors is kept in FOLDER/found (and is then copied to tests/fuzz/found with its fix, as a regression
test); exit status 1 says that something was found.  The corpus grows in FOLDER from run to run.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

MEMORY_MIB = 4096
SECONDS_OF_A_HANG = 1200
"""Of the clock, which also runs while the machine is held; the harness looks at processor time."""

LONGEST = 65_536


def main() -> int:
    """Fuzz the chosen harnesses, one after the other."""
    options = _options()
    if options.one:
        _fuzz_one(options.one, options.corpus, options.seconds)
    from fuzz.harnesses import HARNESSES

    names = options.harnesses or list(HARNESSES)
    shares = {name: options.seconds / len(names) for name in names}
    found = sorted(path for name, share in shares.items() for path in _fuzz(name, share, options))
    total = sum(shares.values())
    sys.stdout.write(f"fuzzed {len(names)} doors for {total:.0f} s: {len(found)} found\n")
    sys.stdout.writelines(f"  {path}\n" for path in found)
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("harnesses", nargs="*")
    parser.add_argument("--seconds", type=float, default=420)
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def _fuzz(name: str, seconds: float, options: argparse.Namespace) -> list[Path]:
    """Run one harness until its time is up, again after every find."""
    from fuzz.seeds import WORDS, seeds

    corpus = options.corpus / name
    corpus.mkdir(parents=True, exist_ok=True)
    (options.corpus / "found").mkdir(exist_ok=True)
    for at, seed in enumerate(seeds(name)):
        (corpus / f"seed-{at}").write_bytes(seed)
    words = "".join(f'"{_escaped(word)}"\n' for word in WORDS[name])
    (options.corpus / f"{name}.dict").write_text(words, encoding="ascii")
    before = set((options.corpus / "found").iterdir())
    end = time.monotonic() + seconds
    runs = 0
    while (left := int(end - time.monotonic())) > 0:
        command = [sys.executable, __file__, "--one", name, "--seconds", str(left)]
        log = options.corpus / f"{name}.log"
        with log.open("ab") as out:
            done = subprocess.run(
                [*command, "--corpus", options.corpus], stdout=out, stderr=out, check=False
            )
        runs += 1
        if done.returncode == 0:
            break
    found = sorted(set((options.corpus / "found").iterdir()) - before)
    sys.stdout.write(f"{name}: {seconds:.0f} s, {runs} runs, {len(found)} found\n")
    sys.stdout.flush()
    return found


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

    with atheris.instrument_imports(include=["geoclust", "cyclopts"]):
        import geoclust.cli
        import geoclust.records.delimited
        import geoclust.records.files
        import geoclust.records.geojson
        import geoclust.records.geopackage
        import geoclust.records.objects
        import geoclust.records.parquet
        import geoclust.records.reading
        import geoclust.records.workbooks
        import geoclust.study  # noqa: F401 - instrumented here
    from fuzz import harnesses

    harnesses.WHOLE_OF = 16
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus / name),
            f"-artifact_prefix={corpus / 'found' / name}-",
            f"-dict={corpus / name}.dict",
            "-reload=0",
            f"-max_total_time={int(seconds)}",
            f"-timeout={SECONDS_OF_A_HANG}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-max_len={LONGEST}",
            "-report_slow_units=100000",
            "-print_final_stats=1",
        ],
        harnesses.timed(harnesses.HARNESSES[name]),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
