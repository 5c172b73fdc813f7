"""The command's application object; the commands hang themselves on it, one module each."""

from cyclopts import App

from geoclust import __version__

app = App(
    name="geoclust",
    help="Finds, delineates, judges and ranks innovation clusters from geocoded firms, labs and "
    "patents.",
    version=__version__,
    help_epilogue="A first look: geoclust init my-study, fill in the tables, geoclust run my-study."
    "\n\nExit status: 0 done, 1 a fault of ours, 2 your input or configuration, "
    "3 some studies of a batch failed, 6 writing failed, "
    "130 interrupted.",
    help_format="plaintext",
    result_action="return_value",
    print_error=False,
    exit_on_error=False,
    suppress_keyboard_interrupt=False,
)
