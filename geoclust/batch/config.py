"""The batch file: which studies, what they share, and what is different for some.

Its tables: `[batch]` says where the studies come from; `[defaults]` holds sections of a study file
that all share, over those of the template; `[overrides.NAME]` sections for one study by its name,
country code or file; `[[studies]]` names studies one by one, with sections of their own.
"""

import os
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from geoclust.batch.shapes import shape_faults
from geoclust.errors import ConfigError
from geoclust.study.faults import describe_faults
from geoclust.study.section import Section
from geoclust.study.toml_file import TomlFile

Values = dict[str, Any]


class BatchSection(Section):
    """`[batch]`: where the studies come from."""

    name: str = Field(default="", max_length=200)
    """Title of the batch's page; empty: the name of its folder."""

    description: str = Field(default="", max_length=4000)
    """One paragraph for the opening of the page, in plain words."""

    template: str = ""
    """Study file whose settings all studies share, relative to the batch file."""

    split_by: Literal["country"] | None = None
    """Cut the tables of the template (or of `[defaults.inputs]`) into one study per country."""

    countries: tuple[str, ...] = ()
    """With `split_by`: only these, by code or name; empty: all."""

    files: tuple[str, ...] = ()
    """One study per file or folder of tables; patterns such as `countries/*.csv`."""

    table: Literal["records", "firms", "labs", "patents"] | None = None
    """Which table of the study a file is; unset: the one the template maps, else `records`."""

    figures: bool = False
    """Draw every study's figures for papers, too (about a third more time)."""


class BatchConfig(TomlFile):
    r"""Every choice of a batch.

    Examples
    --------
    >>> BatchConfig.from_text('[batch]\nfiles = ["countries/*.csv"]').batch.files
    ('countries/*.csv',)
    """

    kind: ClassVar[str] = "batch file"

    batch: BatchSection = BatchSection()
    """Where the studies come from."""

    defaults: Values = Field(default={})
    """Sections of a study file that all studies share, over those of the template."""

    overrides: dict[str, Values] = Field(default={})
    """Sections of a study file by name of study."""

    studies: tuple[Values, ...] = ()
    """Studies one by one: `name`, `file`, and sections of their own."""

    base: Path = Field(default=Path(), exclude=True)
    """Folder that relative paths start from; set by the reader."""

    origin: Path | None = Field(default=None, exclude=True)
    """The batch file, if there is one; set by the reader."""

    @model_validator(mode="after")
    def _has_studies(self) -> "BatchConfig":
        batch = self.batch
        faults = []
        if batch.split_by and (batch.files or self.studies):
            faults.append("split_by cuts one set of tables; leave out files and [[studies]]")
        if not (batch.split_by or batch.files or self.studies):
            faults.append("no studies: give split_by, files or [[studies]]")
        if batch.countries and not batch.split_by:
            faults.append('countries goes with split_by = "country"')
        for number, study in enumerate(self.studies, start=1):
            if not study.get("file") and not study.get("inputs"):
                faults.append(f"[[studies]] no. {number} has neither file nor [studies.inputs]")
            if not study.get("name") and not study.get("file"):
                faults.append(f"[[studies]] no. {number} has no name")
            faults += [
                f"[[studies]] no. {number}: {key} is no text"
                for key in ("name", "file", "table")
                if not isinstance(study.get(key, ""), str)
            ]
            faults += shape_faults(study, f"[[studies]] no. {number}")
        faults += shape_faults(self.defaults, "defaults")
        for name, sections in self.overrides.items():
            faults += shape_faults(sections, f"overrides.{name}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def name(self) -> str:
        """The batch's name, or its folder's."""
        return self.batch.name or self.base.resolve().name.replace("_", " ") or "batch"

    @property
    def source(self) -> str:
        """What messages about its faults call it."""
        return "batch" if self.origin is None else str(self.origin)

    @classmethod
    def from_files(cls, template: str | Path, files: list[Path]) -> "BatchConfig":
        """One study per file, all with the settings of a study file.

        Raises
        ------
        ConfigError
            If no files are given.
        """
        base = Path(template).parent
        values = {"template": Path(template).name, "files": [relative(f, base) for f in files]}
        try:
            return cls.model_validate({"batch": values, "base": base})
        except ValidationError as error:
            raise ConfigError(describe_faults(error, cls, ""), "batch") from error


def relative(path: str | Path, base: Path) -> str:
    """A path as seen from a folder, with forward slashes.

    Examples
    --------
    >>> relative("a/b.csv", Path("c"))
    '../a/b.csv'
    """
    return Path(os.path.relpath(path, base)).as_posix()
