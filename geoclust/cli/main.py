"""From the arguments of the process to its exit status."""

import logging
import os
import signal
import sys
import warnings

from cyclopts import CycloptsError

from geoclust.cli import (  # noqa: F401 - they hang on the app
    addresses,
    batch,
    check,
    compare,
    explain,
    explore,
    explore_region,
    identity,
    inspecting,
    publish,
    robustness,
    run,
    start,
    sweep,
    timeline,
)
from geoclust.cli.app import app, arrange
from geoclust.cli.interruption import interrupt
from geoclust.cli.mistakes import told
from geoclust.errors import (
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_OURS,
    GeoclustError,
    printable,
    redacted,
)

arrange()


def main() -> None:
    """Entry point of the command; ends the process with the exit status."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(_Discreet("%(message)s"))
    logging.getLogger("geoclust").setLevel(logging.ERROR)  # the summary lists the warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    signal.signal(signal.SIGINT, interrupt)
    status = _status(sys.argv[1:])
    if status == EXIT_INTERRUPTED:
        # where the signal came inside code run by a library, Python would end itself by the signal
        # although it was handled; everything has been unwound by now
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _status(arguments: list[str]) -> int:
    try:
        return int(app(arguments) or 0)
    except CycloptsError as error:
        message, hint = told(error, [name for name in app if not name.startswith("-")])
        _complain(message, hint=hint)
        return EXIT_INPUT
    except GeoclustError as error:
        _complain(str(error))
        return error.exit_status
    except KeyboardInterrupt as stopped:
        _complain(f"interrupted; nothing half-written was left behind{stopped}")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:
        logging.getLogger("geoclust").exception(
            "geoclust: a fault of ours, not of your data; please report it with these lines"
        )
        return EXIT_OURS


def _complain(message: str, hint: str = "") -> None:
    message = "\n".join(map(printable, message.split("\n")))  # it may quote the data
    sys.stderr.write(redacted(f"geoclust: {message}\n" + (f"{hint}\n" if hint else "")))


class _Discreet(logging.Formatter):
    """Records, and tracebacks in them, without the password of any address."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
