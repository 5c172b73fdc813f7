"""A configuration read from a TOML file, with every fault of it at once."""

import tomllib
from pathlib import Path
from typing import ClassVar, Self

from pydantic import ValidationError

from geoclust.errors import ConfigError, InputError
from geoclust.records.safety import format_of
from geoclust.study.faults import describe_faults
from geoclust.study.plainly import STUDY, toml_fault, unreadable
from geoclust.study.section import Section


class TomlFile(Section):
    """What a whole file of settings has in common: it is read from TOML and knows its folder.

    A class of it has the fields `base` (folder that relative paths start from) and `origin` (the
    file itself, if there is one); the reader sets them, they are no keys of the file.
    """

    kind: ClassVar[str]
    """What messages call the file: "study file", say."""

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read a file.

        Raises
        ------
        InputError
            If the file cannot be read as UTF-8 text.
        ConfigError
            With every fault of the file.
        """
        path = Path(path)
        try:
            is_table = format_of(path.name) is not None and path.is_file()
            text = "" if is_table else path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:  # of its text, or of a name that can be none
            raise InputError(unreadable(path, error, cls.kind)) from error
        if is_table:
            make = f"; make one for it: geoclust init --firms {path}" if cls.kind == STUDY else ""
            raise InputError(f"{path}: is a table, and no {cls.kind}{make}")
        return cls.from_text(text, base=path.parent, origin=path)

    @classmethod
    def from_text(cls, text: str, *, base: str | Path = ".", origin: Path | None = None) -> Self:
        """Parse the text of such a file; relative paths in it start from `base`."""
        name = cls.kind if origin is None else str(origin)
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([toml_fault(error, text)], name) from error
        reserved = [key for key in ("base", "origin") if key in values]
        if reserved:
            raise ConfigError([f"{key}: no such key" for key in reserved], name)
        try:
            return cls.model_validate({**values, "base": Path(base), "origin": origin})
        except ValidationError as error:
            raise ConfigError(describe_faults(error, cls, text), name) from error
