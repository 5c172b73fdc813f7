"""The operating system failing on request: the N-th write, fsync, rename ... below a folder.

Used in a process (`faults`), and as a script that runs the command with a fault in it:

    python faulty.py FOLDER N CODE COMMAND...

prints, when the command ends, how many operations there were, as the last line of standard error.
Only what Python itself asks of the system is seen; every file of results goes that way.
"""

import errno
import io
import os
import sys
from contextlib import contextmanager
from pathlib import Path

NAMES = ("mkdir", "rename", "replace", "unlink", "chmod")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Faults:
    """Counts operations below a folder and lets one of them fail."""

    def __init__(self, folder, at=0, code=errno.ENOSPC, *, lasting=False):
        self.folder, self.at, self.code, self.lasting = str(folder), at, code, lasting
        self.seen = []

    def note(self, what, path):
        """One operation; raises if it is the one to fail (or one after it, where lasting)."""
        if not isinstance(path, int):
            path = os.fsdecode(path)
        elif Path(f"/proc/self/fd/{path}").is_symlink():
            path = Path(f"/proc/self/fd/{path}").readlink()
        if not str(path).startswith(self.folder):
            return
        self.seen.append((what, str(path)))
        reached = len(self.seen) >= self.at if self.lasting else len(self.seen) == self.at
        if self.at and reached:
            raise OSError(self.code, os.strerror(self.code), str(path))


def replacements(faults):
    """New functions for `os` and `io`, by module and name."""

    def by_path(name):
        real = getattr(os, name)

        def act(path, *arguments, **options):
            faults.note(name, path)
            return real(path, *arguments, **options)

        return act

    def opened(path, flags, *arguments, real=os.open, **options):
        if flags & WRITING:
            faults.note("open", path)
        return real(path, flags, *arguments, **options)

    class Raw(io.FileIO):
        def write(self, content):
            faults.note("write", self.name)
            return super().write(content)

    def opened_file(path, mode="r", *arguments, real=io.open, **options):
        if not isinstance(path, int) and set(mode) & set("wax+"):
            faults.note("open", path)
            if "b" in mode and "+" not in mode:
                return io.BufferedWriter(Raw(path, mode.replace("b", "")))
        return real(path, mode, *arguments, **options)

    found = {(os, name): by_path(name) for name in NAMES}
    found |= {(os, name): by_path(name) for name in ("write", "fsync", "ftruncate")}
    return {**found, (os, "open"): opened, (io, "open"): opened_file}


@contextmanager
def faults(folder, at=0, code=errno.ENOSPC, *, lasting=False):
    """Let the operations of this process fail as `Faults` says."""
    made = Faults(folder, at, code, lasting=lasting)
    before = {(module, name): getattr(module, name) for module, name in replacements(made)}
    for (module, name), function in replacements(made).items():
        setattr(module, name, function)
    try:
        yield made
    finally:
        for (module, name), function in before.items():
            setattr(module, name, function)


def main():
    folder, at, code, *command = sys.argv[1:]
    sys.argv = ["geoclust", *command]
    from geoclust import cli

    with faults(folder, int(at), getattr(errno, code)) as made:
        try:
            cli.main()
        finally:
            sys.stderr.write(f"{len(made.seen)}\n")


if __name__ == "__main__":
    main()
