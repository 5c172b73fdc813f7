"""The process of the local page: marimo, ending with the process that began it.

A page whose `geoclust explore` was killed must not go on serving unseen.  While the browser loads
the page, the process has nothing to do, and loads what the study will need.
"""

import logging
import os
import runpy
import sys
import threading
import time
from typing import Final

from geoclust.explorer.serving import answers

EVERY_S: Final = 0.5

PATIENCE_S: Final = 60.0
"""How long to wait for marimo to answer."""

_log = logging.getLogger(__name__)


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
    port = int(arguments[arguments.index("--port") + 1])
    threading.Thread(target=_prepare, args=(port,), daemon=True).start()
    sys.argv = ["marimo", *arguments]
    runpy.run_module("marimo", run_name="__main__", alter_sys=True)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(EVERY_S)
    os._exit(0)


def _prepare(port: int) -> None:
    """Once the page is served: import what its cell needs, and load compiled loops if there are."""
    deadline = time.monotonic() + PATIENCE_S
    while not answers(port) and time.monotonic() < deadline:
        time.sleep(EVERY_S / 5)
    try:
        import geoclust.explorer.widget  # noqa: F401, PLC0415 - heavy
        from geoclust.clustering.warmup import load_compiled  # noqa: PLC0415 - heavy

        load_compiled()
    except Exception:  # noqa: BLE001 - the page works without
        _log.exception("nothing was loaded ahead")


if __name__ == "__main__":
    host(int(sys.argv[1]), sys.argv[2:])
