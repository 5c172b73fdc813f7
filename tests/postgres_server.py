"""A PostgreSQL server with PostGIS for the tests: its own folder, port, socket and password.

Reached on 127.0.0.1 and a socket in its folder only; removed with everything in it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "canary-sesame-7f3a91"
"""Must never turn up in any output."""

PATIENCE = 60


def find_binaries() -> Path | None:
    """Folder of the newest server on this machine that has PostGIS, None without any."""
    roots = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
    )
    for folder in reversed(roots):
        shared = Path("/usr/share/postgresql") / folder.parent.name / "extension"
        if (folder / "initdb").exists() and (shared / "postgis.control").exists():
            return folder
    return None


class Server:
    """A running server; `stop` and `start` may be called in between."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="geoclust-pg-", dir="/tmp"))
        self.user = _user()
        self.port = _free_port()
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if self.user is not None:
            shutil.chown(self.folder, self.user)
            shutil.chown(secret, self.user)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "geo",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
            f"--pwfile={secret}",
        )
        secret.unlink()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Its files."""
        return self.folder / "data"

    def address(self, database: str = "postgres") -> str:
        """Address of a database, without the password."""
        return f"postgresql://geo@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": "20",
            "dynamic_shared_memory_type": "mmap",
        }
        told = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-p", str(self.port), *told],
                user=self.user,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        end = time.monotonic() + PATIENCE
        ready = [self.binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def make_database(self) -> None:
        """A database `world` with PostGIS, in which names are looked for in the schema w first."""
        import psycopg

        common = {"password": PASSWORD, "autocommit": True}
        with psycopg.connect(self.address(), **common) as connection:
            connection.execute("CREATE DATABASE world")
            connection.execute("ALTER DATABASE world SET search_path = w, public")
        with psycopg.connect(self.address("world"), **common) as connection:
            connection.execute("CREATE EXTENSION postgis SCHEMA public")

    def stop(self, mode: str = "fast") -> None:
        """Stop: "fast", or "immediate" as if the machine had failed."""
        if self.process is not None:
            self._run("pg_ctl", "stop", "-D", self.data, "-m", mode, "-w")
            self.process.wait(PATIENCE)
            self.process = None

    def close(self) -> None:
        """Stop for good and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self.binaries / program, *map(str, arguments)],
            user=self.user,
            check=True,
            capture_output=True,
            cwd=self.folder,
        )


def _user() -> str | None:
    """A user to run as: the server refuses root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
