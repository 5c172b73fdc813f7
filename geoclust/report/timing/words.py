"""How a timeline says things: its opening, the story of each region, what each fate means."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from geoclust.report.words import capital, counted, listed

if TYPE_CHECKING:
    from geoclust.timeline import Timeline

FATE_WORDS: Final = {
    "kept": "The same region, of about the same weight",
    "grown": "The same region, heavier",
    "shrunk": "The same region, lighter",
    "merged": "Several regions of the window before are one",
    "split": "One region of the window before is several",
    "reshuffled": "Parts went apart, and some of them together with parts of others",
    "new": "Born: linked with no region of the window before, nor with one that was gone",
    "returned": "Gone in the window before, there again where it was",
    "gone": "Died: linked with no region of this window",
}
"""What became of a region from one window to the next."""


def opening(found: "Timeline") -> str:
    """The timeline in two sentences."""
    windows = found.windows
    first, last = windows.iloc[0], windows.iloc[-1]
    words = (
        f"{counted(len(windows), 'window')} from {windows.index[0]} to {windows.index[-1]}: "
        f"{counted(int(first['regions']), 'region')} with "
        f"{counted(int(first['clusters']), 'cluster')} in the first, "
        f"{counted(int(last['regions']), 'region')} with "
        f"{counted(int(last['clusters']), 'cluster')} in the last."
    )
    told = [f"{int(windows[fate].sum())} {fate}" for fate in FATE_WORDS if windows[fate].sum()]
    return f"{words} From one window to the next: {listed(told)}." if told else words


def followed_words(found: "Timeline") -> str:
    """What tells that two regions of neighbouring windows are the same."""
    if found.followed_by == "records":
        return (
            "Records accumulate, so a region is the same as one of the window before where they "
            "share most weight, and more than half of one of the two."
        )
    return (
        "Each window has records of its own, so a region is the same as one of the window before "
        "where they share most ground: the weight of the one's records that lie in the other's "
        "footprint, and more than half of one of the two."
    )


def life(row: Mapping[Any, Any], names: Mapping[Any, Any]) -> str:
    """One region's life in a sentence; `names` by track.

    Examples
    --------
    >>> row = {"began": "new", "began_from": "", "ended": "merged", "ended_into": "x",
    ...        "first": "2010", "last": "2012", "windows": 3}
    >>> life(row, {"x": "Delft"})
    'New in 2010; after 2012 merged into Delft'
    """
    began = {
        "first": f"There from the beginning ({row['first']})",
        "new": f"New in {row['first']}",
    }.get(str(row["began"]), f"{capital(str(row['began']))} in {row['first']}")
    if row["began_from"]:
        began += f" from {names.get(row['began_from'], row['began_from'])}"
    ended = {"alive": "still there", "gone": f"gone after {row['last']}"}.get(
        str(row["ended"]),
        f"after {row['last']} merged into {names.get(row['ended_into'], row['ended_into'])}",
    )
    return f"{began}; {ended}"
