"""Compiled loops: when they pay, how they are made, and where they are kept.

numba is imported only when a loop is compiled.  Its cache goes to NUMBA_CACHE_DIR if that is set,
else to the user's cache directory, so a package installed read-only works as well; where nothing
can be written, loops are compiled anew in each process.

Loading numba and the compiled loops from that cache takes as long as 20,000 locations do without
them (compiling takes several times that), so a process begins with numpy alone and turns to
compiled loops only for more; but once they are loaded, by a large input or by
`warmup.warm_up`, they serve smaller inputs too.  Both paths give the same answer to the last bit.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

Loop = Callable[..., Any]

FEWEST_COMPILED: Final = 1_000
"""Locations below which numpy alone is as fast, even with compiled loops at hand."""

_loaded: set[str] = set()


def compiled_pays(size: int, largest_plain: int) -> bool:
    """Whether compiled loops are to be used for so many locations.

    Examples
    --------
    >>> compiled_pays(500, 20_000), compiled_pays(20_001, 20_000)
    (False, True)
    """
    return size > largest_plain or (size > FEWEST_COMPILED and bool(_loaded))


def note_loaded() -> None:
    """Note that this process has its compiled loops loaded."""
    _loaded.add("kernels")


def cache_folder() -> Path | None:
    """Where compiled loops are kept; None where nothing can be written."""
    with _user_cache() as folder:
        return folder


def kernel(*, parallel: bool = False, inline: str = "never") -> Callable[[Loop], Any]:
    """Decorate a loop over arrays to be compiled by numba, without the GIL and cached.

    Parameters
    ----------
    parallel
        Whether `numba.prange` loops run on several threads.
    inline
        "always" for tiny functions called from inner loops.
    """
    import numba  # noqa: PLC0415 - heavy

    def compiled(loop: Loop) -> Any:  # noqa: ANN401 - numba's dispatcher
        options = {"parallel": parallel, "inline": inline, "nogil": True}
        with _user_cache() as folder:
            if folder is None:
                return numba.njit(**options)(loop)
            return numba.njit(cache=True, **options)(loop)

    return compiled


@cache
def compiled_loop(loop: Loop) -> Loop:
    """Return `loop`, written in plain Python over arrays, compiled."""
    fast: Loop = kernel()(loop)
    return fast


@contextmanager
def _user_cache() -> Iterator[Path | None]:
    """Point numba's cache at the user's directory, and yield it if it can be written."""
    from numba.core import config  # noqa: PLC0415 - heavy
    from platformdirs import user_cache_path  # noqa: PLC0415 - only large inputs need it

    before = config.CACHE_DIR
    directory = before or str(user_cache_path("geoclust") / "kernels")
    try:
        os.makedirs(directory, exist_ok=True)  # noqa: PTH103 - numba's own value may be a str
        writable = os.access(directory, os.W_OK)
    except OSError:
        writable = False
    config.CACHE_DIR = directory if writable else before
    try:
        yield Path(directory) if writable else None
    finally:
        config.CACHE_DIR = before
