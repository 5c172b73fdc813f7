"""When compiled loops pay; how they are made and kept is `compiling`'s.

Loading numba and the compiled loops from its cache takes as long as 20,000 locations do without
them (compiling takes several times that), so a process begins with numpy alone and turns to
compiled loops only for more; but once they are loaded, by a large input or by
`warmup.warm_up`, they serve smaller inputs too.  Both paths give the same answer to the last bit.
"""

from typing import Final

from geoclust.compiling import cache_folder, compiled_loop, kernel

__all__ = ["cache_folder", "compiled_loop", "compiled_pays", "kernel", "note_loaded"]

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
