"""`geoclust explore`."""

import sys
import webbrowser
from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.options import CountOrNone, Flag
from geoclust.cli.support import load


@app.command
def explore(study: Path, /, *, port: CountOrNone = None, no_browser: Flag = False) -> int:
    """Explore a study on a local page: drag settings, click the hierarchy, edit, save.

    The page is served on 127.0.0.1 behind a token until Ctrl-C; nothing leaves this machine.

    Parameters
    ----------
    study
        A study file (TOML), a folder of tables, or a folder of results.
    port
        Of the page; without it a free one.
    no_browser
        Print the address and open no browser.
    """
    from geoclust.explorer.serving import served  # noqa: PLC0415 - keeps --help fast

    place = study / "study.toml" if (study / "study.toml").is_file() else study
    load(place, strict=False)  # faults of the study before anything is served
    with served(place, port=port or 0) as (address, process):
        sys.stdout.write(f"{address}\nCtrl-C ends it.\n")
        sys.stdout.flush()
        if not no_browser:
            webbrowser.open(address)
        process.wait()
    return 0
