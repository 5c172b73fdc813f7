"""Fuzzed doors of settings: study file, batch file, edits, arguments of the command."""

import contextlib
import io
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args, get_origin

import tomli_w
from pydantic import BaseModel

from fuzz.choices import Choices
from fuzz.harnesses import HEAD, ROW, folder, hold_words
from fuzz.world import decided_on, world
from geoclust.batch.config import BatchConfig
from geoclust.batch.plan import make_plan
from geoclust.errors import GeoclustError
from geoclust.scoring import Framework
from geoclust.study import StudyConfig

MOST_SETTINGS = 12


def study(data: bytes) -> None:
    """A study file: as text (after a zero) or as settings chosen; what it becomes is kept.

    What is accepted must be the same once more, and after being written out.
    """
    text = data[1:].decode("utf-8", "replace") if data[:1] in {b"", b"\0"} else study_text(data[1:])
    try:
        config = StudyConfig.from_text(text)
    except GeoclustError as error:
        hold_words(error)
        return
    assert StudyConfig.from_text(text).to_toml() == config.to_toml()
    assert StudyConfig.from_text(config.to_toml()).to_toml() == config.to_toml()
    tomllib.loads(text)


def study_text(data: bytes) -> str:
    """Settings chosen by bytes, as the text of a study file."""
    choices, values = Choices(data), dict[str, Any]()
    for _ in range(MOST_SETTINGS):
        if choices.ended:
            break
        _set(values, choices.pick(settings()), choices)
    return _dumped(values)


@cache
def settings() -> tuple[tuple[tuple[str, ...], tuple[object, ...]], ...]:
    """Path of every setting of a study file, and values that are its own."""
    found = [
        (path, (*sound, default))
        for path, sound, default in _settings(StudyConfig, ())
        if path[0] not in {"base", "origin"}
    ]
    tables = ("records", "firms", "labs", "patents", "ties", "places")
    inner = ("path", "columns", "constants", "values", "factors", "where", "preset", "basis", "crs",
             "currency", "usd_per_unit", "header", "header_row", "delimiter", "table")  # fmt: skip
    own = {"path": "f.csv", "columns": {"name": "Firma"}, "factors": {"weight": 2},
           "values": {"kind": {"company": "firm"}}, "where": {"year": {"from": 2010}},
           "constants": {"country": "FR"}, "preset": "ror", "usd_per_unit": 1.1}  # fmt: skip
    found += [(("inputs", table, key), (own.get(key),)) for table in tables for key in inner]
    scheme = Framework.quantum()
    found += [(("scoring", name), (getattr(scheme, name, None),)) for name in vars(scheme)]
    return tuple((path, tuple(v for v in own if _plain(v))) for path, own in found)


def _settings(model: type[BaseModel], at: tuple[str, ...]) -> list[tuple[Any, Any, Any]]:
    found: list[tuple[Any, Any, Any]] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _settings(kind, (*at, name))
        words = [arg for arg in get_args(kind) if isinstance(arg, str)]
        for arg in get_args(kind):
            words += [word for word in get_args(arg) if get_origin(arg) and isinstance(word, str)]
        found.append(((*at, name), tuple(words), field.default))
    return found


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool | list | tuple | dict)


def _set(
    values: dict[str, Any], setting: tuple[tuple[str, ...], tuple[object, ...]], choices: Choices
) -> None:
    """Give one setting a value: one of its own, or any."""
    path, own = setting
    *above, last = path
    for name in above:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        values = inner
    values[last] = choices.pick(own) if own and choices.byte() % 3 else choices.value()


def _dumped(values: Mapping[str, Any]) -> str:
    """TOML, or what cannot be TOML as nothing."""
    try:
        return tomli_w.dumps(values)
    except (TypeError, ValueError, UnicodeEncodeError):
        return ""


def batch(data: bytes) -> None:
    """A batch file, as text (after a zero) or as settings chosen; its plan is made, too."""
    text = data[1:].decode("utf-8", "replace") if data[:1] in {b"", b"\0"} else batch_text(data[1:])
    home = folder() / "batch"
    if not home.exists():
        (home / "countries").mkdir(parents=True)
        for name in ("fr", "GB", "å b"):
            (home / "countries" / f"{name}.csv").write_text(HEAD + ROW, encoding="utf-8")
        (home / "study.toml").write_text("[clustering]\nmin_cluster_size = 4\n", encoding="utf-8")
    try:
        config = BatchConfig.from_text(text, base=home)
        plan = make_plan(config, home / "out")
    except GeoclustError as error:
        hold_words(error)
        return
    names = [unit.folder for unit in plan.units]
    assert len({name.casefold() for name in names}) == len(names), "two studies in one folder"
    for name in names:
        place = (home / "out" / "studies" / name).resolve()
        assert place.parent == (home / "out" / "studies").resolve(), "outside its folder"


def batch_text(data: bytes) -> str:
    """Settings of a batch chosen by bytes."""
    choices = Choices(data)
    values: dict[str, Any] = {"batch": {}}
    files = ("countries/*.csv", "countries/fr.csv", "none/*", "**", "countries", "*.toml", "a")
    sound = {
        "name": ("A batch",), "template": ("study.toml", "none.toml"), "figures": (True,),
        "split_by": ("country",), "countries": (["FR"], ["France", "xx"]), "table": ("firms",),
        "files": (["countries/*.csv"], [choices.pick(files)], []),
    }  # fmt: skip
    for name, own in sound.items():
        if choices.byte() % 3 == 0:
            values["batch"][name] = choices.pick(own) if choices.byte() % 4 else choices.value()
    for where in ("defaults", "overrides"):
        if choices.byte() % 2:
            inner = values.setdefault(where, {})
            if where == "overrides":
                inner = inner.setdefault(choices.pick(("fr", "GB", "å b", "zz", "")), {})
            for _ in range(choices.count(3)):
                _set(inner, choices.pick(settings()), choices)
    studies = []
    for _ in range(choices.count(3)):
        one: dict[str, Any] = {"name": choices.text(), "file": choices.pick(files)}
        _set(one, choices.pick(settings()), choices)
        studies.append(one)
    return _dumped({**values, **({"studies": studies} if studies else {})})


def edits(data: bytes) -> None:
    """A file of edits, as text (after a zero) or as edits chosen, applied to regions found."""
    text = data[1:].decode("utf-8", "replace") if data[:1] in {b"", b"\0"} else edits_text(data[1:])
    (folder() / "edits.toml").write_text(text, encoding="utf-8", errors="replace")
    decided_on(StudyConfig.from_text('[study]\nedits = "edits.toml"', base=folder()))


def edits_text(data: bytes) -> str:
    """Edits chosen by bytes, of the regions and records of the small world."""
    choices = Choices(data)
    inputs, clustering = world()
    regions = (*clustering.regions.index, "none", "gb-new")
    records = (*inputs.records.index[:: max(1, len(inputs.records) // 40)], "nobody")
    actions = ("merge", "split", "drop", "rename", "move", "freeze")
    makers: dict[str, Callable[[], object]] = {
        "region": lambda: choices.pick(regions),
        "regions": lambda: _some(choices, regions, 2),
        "records": lambda: _some(choices, records, 1),
        "to": lambda: choices.pick(regions),
        "line": lambda: [
            [choices.degrees(2.0), choices.degrees(48.0)] for _ in range(2 + choices.count(3))
        ],
        "at_km": lambda: choices.pick((1.0, 5, 0.1, 100.0, 1e-9, 1e9)),
        "children": lambda: bool(choices.byte() % 4),
        "min_cluster_size": lambda: choices.count(20),
        "rest": lambda: choices.pick(("nearest", "none", "x")),
        "id": lambda: choices.pick(("gb-new", "fr-a", "none", "", regions[0])),
        "name": choices.text,
        "ids": lambda: [choices.pick(("gb-a", "gb-b", "gb-c")) for _ in range(choices.count(3))],
        "names": lambda: [choices.text() for _ in range(choices.count(3))],
    }
    takes = {
        "merge": ("regions", "id", "name"), "drop": ("region",), "rename": ("region", "name"),
        "split": ("region", "line", "ids", "names"), "move": ("records", "to"),
        "freeze": ("region", "records", "name"),
    }  # fmt: skip
    chosen = []
    for _ in range(1 + choices.count(4) // 2):
        action = choices.pick(actions)
        one: dict[str, object] = {"action": action, "reason": "r", "by": "b"}
        names = takes[action]
        if choices.byte() % 8 == 7:
            names = ("region", choices.pick(tuple(makers)), choices.pick(tuple(makers)))
        one |= {name: makers[name]() for name in names}
        if choices.byte() % 16 == 15:
            one[choices.pick(tuple(makers))] = choices.value()
        chosen.append(one)
    return _dumped({"edits": chosen})


def _some(choices: Choices, names: tuple[str, ...], least: int) -> list[str]:
    """A few of the names, neighbours in their order; hardly ever one twice."""
    start, step = choices.byte(), 1 + choices.count(6)
    return [names[(start + step * at) % len(names)] for at in range(least + choices.count(4))]


def arguments(data: bytes) -> None:
    """Arguments of the command, one a line (after a zero) or chosen: understood or refused."""
    from cyclopts import CycloptsError

    if data[:1] in {b"", b"\0"}:
        tokens = data[1:].decode("utf-8", "replace").replace("\0", "").split("\n")
    else:
        tokens = chosen_arguments(data[1:])
    with (
        contextlib.suppress(CycloptsError, SystemExit),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        _app().parse_args(tokens, print_error=False, exit_on_error=False)


@cache
def _app() -> Any:
    from geoclust.cli import app, main  # noqa: F401 - the commands hang themselves on it

    return app


@cache
def options() -> dict[str, tuple[str, ...]]:
    """Each command and the names of its options."""
    found = {}
    for name in _app():
        if not name.startswith("-"):
            arguments = _app()[name].assemble_argument_collection()
            found[name] = tuple(one for argument in arguments for one in argument.names)
    return found


def chosen_arguments(data: bytes) -> list[str]:
    """A command and what follows it."""
    choices = Choices(data)
    command = choices.pick(tuple(options()))
    tokens = [command]
    for _ in range(choices.count(8)):
        which = choices.byte() % 8
        if which < 4 and options()[command]:
            tokens.append(choices.pick(options()[command]))
        elif which < 5:
            tokens.append(choices.pick(("--", "-", "-q", "--no-", "--help", "--version", "--out=")))
        elif which < 6:
            tokens.append(choices.pick(("1", "-1", "nan", "1e400", "0x10", "1:2:3", "a=1:9:2", "")))
        else:
            tokens.append(choices.text())
    return tokens
