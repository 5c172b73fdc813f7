"""A local page: marimo on 127.0.0.1, behind a token, for one study.

The token reaches marimo through its standard input, so that it stands in no list of processes;
the page is served to this machine alone.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from geoclust.errors import OutputError, ParameterError

HOST: Final = "127.0.0.1"
PATIENCE_S: Final = 120.0


@contextmanager
def served(study: str | Path, *, port: int = 0) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Serve the explorer of a study until the block is left; yields its address and the process.

    Parameters
    ----------
    study
        A study file, or a folder of tables or of results.
    port
        On 127.0.0.1; 0 takes a free one.

    Raises
    ------
    ParameterError
        If marimo or anywidget is not installed.
    OutputError
        If the page does not come up.
    """
    absent = [name for name in ("marimo", "anywidget") if find_spec(name) is None]
    if absent:
        raise ParameterError(
            f"the explorer needs {' and '.join(absent)}: pip install 'geoclust[explore]'"
        )
    port, token = port or _free_port(), secrets.token_urlsafe(24)
    app = Path(__file__).with_name("app.py")
    command = [sys.executable, "-m", "geoclust.explorer.hosting", str(os.getpid())]
    command += ["--log-level", "ERROR", "run", str(app)]
    command += ["--host", HOST, "--port", str(port), "--headless", "--no-check"]
    command += [
        "--token",
        "--token-password-file",
        "-",
        "--",
        "--study",
        str(Path(study).resolve()),
    ]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and app; the path is one argument
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdin is not None
        process.stdin.write(token)
        process.stdin.close()
        _wait_for(port, process)
        yield f"http://{HOST}:{port}/?access_token={token}", process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = (process.stderr.read() if process.stderr else "").strip().splitlines()
            raise OutputError(
                f"the page ended as it began: {said[-1] if said else 'no reason given'}"
            )
        if answers(port):
            return
        time.sleep(0.1)
    raise OutputError(f"no page came up on {HOST}:{port} within {PATIENCE_S:g} seconds")
