"""What a run will need, said before it starts: memory and time, from counts alone.

The figures below were held against runs of 1,000 to 1,000,000 records with half as many ties (two
cores, figures and survival as by default); `benchmarks/needs.py` measures them again.  They are
meant to hold within a factor of `FACTOR` either way: enough to choose a machine, or to see that
this one will not do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geoclust.records import Inputs

FACTOR: Final = 2.0
"""How far off an estimate may be, either way."""

BASE_MB: Final = 360.0
RECORD_KB: Final = 2.0
TIE_KB: Final = 0.6
BASE_SECONDS: Final = 9.0
RECORD_SECONDS: Final = 3.3e-4
TIE_SECONDS: Final = 2e-4


@dataclass(frozen=True)
class Needs:
    """What a run will need, within a factor of `FACTOR`.

    Examples
    --------
    >>> print(Needs(memory_mb=2500.0, seconds=90.0, available_mb=1200.0))
    about 2.5 GB of memory and 90 s of one core (within a factor of 2); only 1.2 GB are free
    """

    memory_mb: float
    """Peak of memory, MB."""
    seconds: float
    """Processor time of one core, s; with compiled code where inputs are large."""
    available_mb: float | None
    """Memory that is free on this machine, MB; None where the system does not say."""

    @property
    def fits(self) -> bool:
        """Whether the memory needed is free, as far as is known."""
        return self.available_mb is None or self.memory_mb <= self.available_mb

    @property
    def plain(self) -> dict[str, float | None]:
        """The numbers, ready for JSON."""
        return {
            "memory_mb": round(self.memory_mb),
            "seconds": round(self.seconds, 1),
            "within_factor": FACTOR,
            "available_mb": None if self.available_mb is None else round(self.available_mb),
        }

    def __str__(self) -> str:
        free = ""
        if self.available_mb is not None:
            only = "" if self.fits else "only "
            free = f"; {only}{self.available_mb / 1000:.1f} GB are free"
        return (
            f"about {self.memory_mb / 1000:.1f} GB of memory and {self.seconds:,.0f} s of one core "
            f"(within a factor of {FACTOR:g}){free}"
        )


def estimate_needs(inputs: Inputs) -> Needs:
    """Estimate what a run on these inputs needs.

    Parameters
    ----------
    inputs
        What was read.  The figures are those of a study with figures and survival; without them
        it is cheaper.

    Returns
    -------
    Needs

    Examples
    --------
    >>> import geoclust as gc, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gc.synthetic.write_toy_world(folder)
    ...     needs = estimate_needs(gc.check_study(folder))
    >>> needs.memory_mb < 1000, needs.seconds < 60
    (True, True)
    """
    return needs_of(len(inputs.records), len(inputs.ties))


def needs_of(records: int, ties: int) -> Needs:
    """What a run on so many records and ties needs; see `estimate_needs`."""
    memory = BASE_MB + (RECORD_KB * records + TIE_KB * ties) / 1000
    seconds = BASE_SECONDS + RECORD_SECONDS * records + TIE_SECONDS * ties
    return Needs(memory, seconds, available_memory_mb())


def available_memory_mb() -> float | None:
    """Memory that a process may still take, MB, by the system's and its container's account."""
    found = [value for value in (_of_system(), _of_container()) if value is not None]
    return min(found) if found else None


def _of_system() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    told = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(told[0][1]) / 1000 if told else None


def _of_container() -> float | None:
    """What a control group leaves: limit and use of version 2, then of version 1."""
    root = Path("/sys/fs/cgroup")
    for limit, used in (
        (root / "memory.max", root / "memory.current"),
        (root / "memory/memory.limit_in_bytes", root / "memory/memory.usage_in_bytes"),
    ):
        try:
            return (int(limit.read_text()) - int(used.read_text())) / 1e6
        except (OSError, ValueError):  # absent, or "max"
            continue
    return None
