"""Loops compiled by numba: how they are made, and where they are kept.

numba is imported only when a loop is compiled.  Its cache goes to NUMBA_CACHE_DIR if that is set,
else to the user's cache directory, so a package installed read-only works as well; where nothing
can be written, loops are compiled anew in each process.  When compiled loops pay is for each room
to say: numpy alone serves small inputs sooner.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

Loop = Callable[..., Any]


def kernel(
    *,
    parallel: bool = False,
    inline: str = "never",
    error_model: Literal["python", "numpy"] = "python",
) -> Callable[[Loop], Any]:
    """Decorate a loop over arrays to be compiled by numba, without the GIL and cached.

    Parameters
    ----------
    parallel
        Whether `numba.prange` loops run on several threads.
    inline
        "always" for tiny functions called from inner loops.
    error_model
        What a division by zero gives: an error as in Python, or inf and NaN as in numpy.
    """
    import numba  # noqa: PLC0415 - heavy

    def compiled(loop: Loop) -> Any:  # noqa: ANN401 - numba's dispatcher
        options = {"parallel": parallel, "inline": inline, "error_model": error_model}
        with _user_cache() as folder:
            return numba.njit(nogil=True, cache=folder is not None, **options)(loop)

    return compiled


@cache
def compiled_loop(loop: Loop) -> Loop:
    """Return `loop`, written in plain Python over arrays, compiled."""
    fast: Loop = kernel()(loop)
    return fast


def cache_folder() -> Path | None:
    """Where compiled loops are kept; None where nothing can be written."""
    with _user_cache() as folder:
        return folder


_one_at_a_time = threading.RLock()
"""numba's configuration is one for all threads."""


@contextmanager
def _user_cache() -> Iterator[Path | None]:
    """Point numba's cache at the user's directory, and yield it if it can be written."""
    from numba.core import config  # noqa: PLC0415 - heavy
    from platformdirs import user_cache_path  # noqa: PLC0415 - only large inputs need it

    with _one_at_a_time:
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
