"""Compile ahead what large inputs need, so that no study waits for a compiler.

Compiled loops are kept on disk per version of Python, numba and this package and per kind of
processor, so once per installation is enough.  In the process that calls it, compiled loops then
also serve inputs of 1,000 to 20,000 locations.
"""

import logging
import sys
import time
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from geoclust.clustering import kernels
from geoclust.clustering.build import build_hierarchy
from geoclust.clustering.hierarchy import canonical_forest
from geoclust.clustering.labels import label_records

_RECORDS = 1_500

_log = logging.getLogger(__name__)


def warm_up() -> Path | None:
    """Compile the loops for large inputs (about 20 s), or load them if that was done before.

    Returns
    -------
    Path or None
        The folder in which they are kept (NUMBA_CACHE_DIR or the user's cache folder); None
        where nothing can be written, so that they serve this process only.

    Examples
    --------
    >>> from geoclust.clustering import warm_up
    >>> folder = warm_up()  # doctest: +SKIP
    """
    start = time.perf_counter()
    kernels.note_loaded()
    hierarchy = build_hierarchy(_world(), resolution_km=0.1, max_link_km=50.0)
    label_records(hierarchy)
    canonical_forest(hierarchy.forest, hierarchy.locations.weight)  # what a saved one needs
    _log.info("compiled loops ready in %.1f s", time.perf_counter() - start)
    folder = kernels.cache_folder()
    if folder is not None:
        _mark(folder).touch()
    return folder


def load_compiled() -> bool:
    """Load the loops if `warm_up` has compiled them before (a second or two), else do nothing.

    Returns
    -------
    bool
        Whether they are loaded.

    Examples
    --------
    >>> from geoclust.clustering.warmup import load_compiled
    >>> ready = load_compiled()  # doctest: +SKIP
    """
    folder = kernels.cache_folder()
    if folder is None or not _mark(folder).exists():
        return False
    warm_up()
    return True


def _mark(folder: Path) -> Path:
    """A file that is there once all loops were compiled, as they are written now, for this machine.

    numba compiles anew when a source file has another date or size, or the processor is another.
    """
    from llvmlite import binding  # noqa: PLC0415 - heavy

    about = [sys.version, version("numba"), binding.get_host_cpu_name()]
    for path in sorted(Path(__file__).parent.glob("*.py")):
        stat = path.stat()
        about.append(f"{path.name} {stat.st_mtime_ns} {stat.st_size}")
    return folder / f"ready-{sha256(repr(about).encode()).hexdigest()[:16]}"


def _world() -> pd.DataFrame:
    """Towns and strays, the same each time: enough for every loop to be entered."""
    rng = np.random.default_rng(0)
    home = rng.integers(0, 15, _RECORDS)
    columns = {
        "kind": "firm",
        "longitude": home * 0.9 + rng.normal(0.0, 0.03, _RECORDS),
        "latitude": 45.0 + (home % 4) * 0.9 + rng.normal(0.0, 0.03, _RECORDS),
    }
    return pd.DataFrame(columns, index=[f"record-{i}" for i in range(_RECORDS)])
