"""The three questions of `geoclust init`: which tables, where or what, and how small a region."""

import difflib
import shlex
import textwrap
from collections.abc import Sequence
from pathlib import Path

from geoclust.cli.asking import ask
from geoclust.errors import ParameterError
from geoclust.records.inspecting import LEFT_OUT, Look, Proposal, known_country, known_table
from geoclust.study.beginning import Trial, best_size, guessed_country
from geoclust.study.drafting import folder_name

WIDTH = 78


def ask_tables(proposal: Proposal, folder: Path) -> dict[str, str] | None:
    """What each file or sheet is, by path or path#sheet; None for empty tables instead."""
    names = {label(look, folder): look for look in proposal.looks if look.problem is None}
    guess = " ".join(shlex.quote(f"{name}={look.table}") for name, look in names.items()
                     if look.table is not None)  # fmt: skip
    question = (
        "1. Which tables make the study?\n   Enter takes them as they stand above. Else name "
        "them, and say what one\n   is where the guess is wrong, such as firmen.csv=firms (or "
        "labs, patents,\n   records, ties, places); none begins with empty tables."
    )
    return ask(question, guess or "none", lambda text: _understood(text, names))


def ask_country(proposal: Proposal) -> str:
    """Code of the country of rows that name none."""
    tables = [name for name, one in proposal.tables.items() if "country" in one.constants]
    question = (
        f"2. In which country are the rows that name none ({', '.join(tables)})?\n"
        "   A code, such as DE, or its name."
    )
    return ask(question, guessed_country(proposal) or "", known_country)


def ask_name(folder: Path) -> str:
    """Title of the study."""
    question = "2. What is the study called? It is the title of its page."
    return ask(question, folder_name(folder), str)


def ask_size(trials: Sequence[Trial]) -> int:
    """Least weight of a region."""
    guess = best_size(tuple(trials))
    shown = [one for one in trials if one.size in {5, 10, 20, guess}]
    told = textwrap.fill("; ".join(map(str, shown)) + ".", WIDTH, initial_indent="   ",
                         subsequent_indent="   ")  # fmt: skip
    question = f"3. How many organisations make a region, at least?\n{told}"
    return ask(question, str(guess), _size)


def label(look: Look, folder: Path) -> str:
    """A file, or a sheet of it, as it is named in an answer."""
    path = Path(look.path)
    name = path.name if path.parent in {folder, Path()} else path.as_posix()
    sheet = look.fields.get("sheet")
    return name if sheet is None else f"{name}#{sheet}"


def _understood(text: str, names: dict[str, Look]) -> dict[str, str] | None:
    """Every file or sheet named, with its table; the others are left out."""
    if text.casefold() == LEFT_OUT:
        return None
    try:
        words = [text] if text in names else shlex.split(text.replace(",", " "))
    except ValueError as error:
        raise ParameterError(f"{text}: a quotation mark is not closed") from error
    said: dict[str, str] = {}
    for word in words:
        name, _, table = (word, "", "") if word in names else word.rpartition("=")
        for found in _named(name or table, names):
            look = names[found]
            said[_key(look)] = known_table(table) if name else look.table or "firms"
    for look in names.values():
        said.setdefault(_key(look), LEFT_OUT)
    return said


def _key(look: Look) -> str:
    sheet = look.fields.get("sheet")
    return look.path if sheet is None else f"{look.path}#{sheet}"


def _named(word: str, names: dict[str, Look]) -> list[str]:
    """Labels that a word means: itself, without its ending, or all sheets of a workbook."""
    wanted = word.casefold()
    for key in (str.casefold, lambda name: name.casefold().split("#")[0],
                lambda name: Path(name.split("#")[0]).stem.casefold()):  # fmt: skip
        found = [name for name in names if key(name) == wanted]
        if found:
            return found
    close = difflib.get_close_matches(word, list(names), n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
    raise ParameterError(f"no file here is called {word!r}; {hint}")


def _size(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:  # noqa: PLR2004 - a pair
        raise ParameterError(f"{text!r} is no whole number of at least 2")
    return int(text)
