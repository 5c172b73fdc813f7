"""The local page ends with the command that began it, however that ends."""

import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from test_report_browser import write_odd_world


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["terminated", "killed"])
def test_a_page_does_not_outlive_its_command(tmp_path, end):
    study = write_odd_world(tmp_path, "")
    command = [sys.executable, "-m", "geoclust", "explore", str(study), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = urlsplit(process.stdout.readline().strip())
        assert address.hostname == "127.0.0.1"
        assert _answers(address.port)
        process.send_signal(end)
    deadline = time.monotonic() + 30
    while _answers(address.port):
        assert time.monotonic() < deadline, "the page is still served"
        time.sleep(0.1)


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
