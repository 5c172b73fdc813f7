"""Compiled loops for large inputs, cached where the user may write; nothing here is needed below.

numba is imported only when a loop is compiled.  Its cache goes to NUMBA_CACHE_DIR if that is set,
else to the user's cache directory, so a package installed read-only works as well; where nothing
can be written, loops are compiled anew in each process.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

Loop = Callable[..., Any]


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
        with _user_cache() as writable:
            if not writable:
                return numba.njit(**options)(loop)
            return numba.njit(cache=True, **options)(loop)

    return compiled


@cache
def compiled_loop(loop: Loop) -> Loop:
    """Return `loop`, written in plain Python over arrays, compiled."""
    fast: Loop = kernel()(loop)
    return fast


@contextmanager
def _user_cache() -> Iterator[bool]:
    """Point numba's cache at the user's directory while a loop is decorated; yield if writable."""
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
        yield writable
    finally:
        config.CACHE_DIR = before
