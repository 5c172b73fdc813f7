"""The command's application object; the commands hang themselves on it, one module each."""

from typing import Final, cast

from cyclopts import App, Group, Parameter

from geoclust import __version__

STATUSES: Final = (
    "Exit status: 0 done, 1 a fault of ours, 2 your input or configuration, 3 some studies of a "
    "batch failed, 6 writing failed, 130 interrupted."
)

GROUPS: Final = {
    "To begin": ("init", "inspect", "check", "identity", "warm-up"),
    "A study": ("run", "explore", "explain", "explore-region", "compare", "publish"),
    "How firm it is": ("robustness", "sweep", "precision", "basis"),
    "Many studies": ("batch", "timeline"),
}
"""Commands under the headings of `geoclust --help`, in the order in which they are met."""


def _shown(default: object) -> str:
    """The default as help shows it; None where it says only that nothing was asked for."""
    return cast("str", None if default in (None, False, (), "") else str(default))


app = App(
    name="geoclust",
    help="Finds, delineates, judges and ranks innovation clusters from geocoded firms, labs and "
    "patents.",
    version=__version__,
    help_epilogue=STATUSES,
    help_format="restructuredtext",
    default_parameter=Parameter(negative_iterable=(), show_default=_shown),
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)


def arrange() -> None:
    """Put the commands, all of them there by now, under their headings."""
    for place, (heading, names) in enumerate(GROUPS.items()):
        group = Group(heading, sort_key=place)
        for at, name in enumerate(names):
            app[name].group, app[name].sort_key = group, at
            app[name].help_epilogue = STATUSES
    also = Group("Also", sort_key=len(GROUPS))
    for name in ("--help", "--version"):
        app[name].group = also
    app.help_epilogue = (
        "A first look: geoclust init, in the folder of your tables; then geoclust run study.toml."
        f"\n\n{STATUSES}"
    )
