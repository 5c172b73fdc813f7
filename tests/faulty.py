"""The operating system failing on request: the N-th write, fsync, rename ... below a folder.

Used in a process (`faults`), and as a script that runs the command with a fault in it:

    python faulty.py FOLDER N CODE COMMAND...

prints, when the command ends, how many operations there were, as the last line of standard error.

    python faulty.py FOLDER each run STUDY...

computes the study once and waits for lines `N CODE`; for each it runs the command in a fork of its
own with that fault in it, and answers with a line of JSON: status and standard error.  What a run
computes below no folder is the same whatever fails in writing it, so it is not computed anew.

Only what Python itself asks of the system is seen; every file of results goes that way.
"""

import errno
import io
import json
import os
import sys
import tempfile
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
    folder, at, *command = sys.argv[1:]
    if at == "each":
        answer_each(folder, command)
        return
    sys.exit(run_with_fault(folder, int(at), command[0], command[1:]))


def run_with_fault(folder, at, code, command):
    """Run the command with one fault in it; its exit status."""
    sys.argv = ["geoclust", *command]
    from geoclust import cli

    with faults(folder, at, getattr(errno, code)) as made:
        try:
            cli.main()
        except SystemExit as ended:
            return ended.code or 0
        finally:
            sys.stderr.write(f"{len(made.seen)}\n")
    return 0


def answer_each(folder, command):
    """Run the command once for every line read, each in a fork, its study computed before."""
    import geoclust.cli.run
    import geoclust.report
    import geoclust.study

    done = geoclust.study.run_study(command[1])
    geoclust.study.run_study = lambda *_, **__: done
    for line in sys.stdin:
        at, code = line.split()
        with tempfile.TemporaryFile() as told:
            child = os.fork()
            if not child:
                os.dup2(told.fileno(), 2)
                status = run_with_fault(folder, int(at), code, command)
                sys.stderr.flush()
                os._exit(status)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told.seek(0)
            answer = {"status": status, "errors": told.read().decode()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
