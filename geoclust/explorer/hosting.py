"""The process of the local page: marimo, ending with the process that began it.

A page whose `geoclust explore` was killed must not go on serving unseen.
"""

import os
import runpy
import sys
import threading
import time
from typing import Final

EVERY_S: Final = 0.5


def host(parent: int, arguments: list[str]) -> None:
    """Run marimo with these arguments for as long as the parent lives.

    Parameters
    ----------
    parent
        The process whose end is ours too, however it ends.
    arguments
        For `python -m marimo`.
    """
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.argv = ["marimo", *arguments]
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY_S)
    os._exit(0)


if __name__ == "__main__":
    host(int(sys.argv[1]), sys.argv[2:])
