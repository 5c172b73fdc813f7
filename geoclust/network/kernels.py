"""How the loops of large networks are compiled: without the GIL, cached where one may write.

Nothing here is needed below `betweenness.LARGEST_PLAIN`.  The cache goes to NUMBA_CACHE_DIR if
that is set, else to the user's cache directory; where nothing can be written, loops are compiled
anew in each process.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

Loop = Callable[..., Any]


def kernel(*, inline: str = "never") -> Callable[[Loop], Any]:
    """Decorate a loop over arrays to be compiled by numba; `inline` "always" for inner steps."""
    import numba  # noqa: PLC0415 - heavy

    def compiled(loop: Loop) -> Any:  # noqa: ANN401 - numba's dispatcher
        with _user_cache() as writable:
            return numba.njit(nogil=True, inline=inline, cache=writable, error_model="numpy")(loop)

    return compiled


@cache
def compiled_loop(loop: Loop) -> Loop:
    """Return `loop`, written in plain Python over arrays, compiled."""
    fast: Loop = kernel()(loop)
    return fast


@contextmanager
def _user_cache() -> Iterator[bool]:
    """Point numba's cache at the user's directory; yield whether it can be written."""
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
