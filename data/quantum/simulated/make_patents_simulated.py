"""Simulate patents for the organisations of the quantum sample.

No free table says, for every firm and laboratory of this sample, which patents it filed.  So that
the sample still has all three kinds of records, this script draws a number of patents for each
organisation and marks every row as simulated: they exercise the software and say nothing about the
organisation.  Run without arguments, it reads `firms.csv` and `labs.csv` of the folder above and
writes `patents_simulated.csv` beside itself.

Each organisation has a random stream of its own, seeded with the SHA-256 of `SEED` and its
`record_id`: the file does not depend on the order of the rows, and an organisation's patents do
not change when another one comes or goes.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

SEED: Final = 2025
FIRST_YEAR: Final = 2015
LAST_YEAR: Final = 2024
HERE: Final = Path(__file__).resolve().parent

MEAN_PATENTS: Final[Mapping[str, Mapping[str, float]]] = {
    "firms.csv": {
        "corporate": 6.0,  # patent departments; they file most of the quantum patents
        "startup": 2.0,  # few people, but investors ask for protected technology
        "spinout": 2.0,  # like startups; the parent often holds the founding patents
        "supplier": 1.5,  # components and instruments, only partly for quantum technology
        "investor": 0.0,  # funds finance others and file nothing themselves
        "other": 0.5,  # associations, consultancies and the like: seldom
    },
    "labs.csv": {
        "university": 1.2,  # publish first; the technology-transfer office files a part
        "institute": 1.2,  # applied institutes file often, basic research seldom
        "government": 0.8,  # standards and security laboratories: little is filed openly
        "other": 0.3,  # networks and facilities, mostly without inventors of their own
    },
}
"""Mean of the Poisson number of patents of an organisation, by table and category.

The means are chosen for plausible proportions between the categories and for about two thousand
rows in all; they are not estimated from data."""

COLUMNS: Final = (
    "record_id",
    "name",
    "place",
    "country",
    "longitude",
    "latitude",
    "organisation_id",
    "year",
    "precision",
    "source",
    "simulated",
)


def main() -> None:
    """Write `patents_simulated.csv` for the organisations of the folder above."""
    patents = simulate_patents(read_organisations(HERE.parent))
    target = HERE / "patents_simulated.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(patents)
    print(f"{target.name}: {len(patents)} simulated patents")


def read_organisations(folder: Path) -> list[tuple[dict[str, str], float]]:
    """Return the firms and labs of a folder, each with its mean number of patents.

    Parameters
    ----------
    folder : Path
        Folder with `firms.csv` and `labs.csv`.

    Returns
    -------
    list of (dict, float)
        Rows as read and the mean of their category.

    Raises
    ------
    ValueError
        If a row has a category that `MEAN_PATENTS` does not know, or a `record_id` recurs.
    """
    organisations = []
    seen: set[str] = set()
    for table, means in MEAN_PATENTS.items():
        with (folder / table).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["category"] not in means:
                    known = ", ".join(means)
                    raise ValueError(
                        f"{table}: {row['record_id']} has category {row['category']!r}; "
                        f"wanted one of {known}"
                    )
                if row["record_id"] in seen:
                    raise ValueError(
                        f"{table}: record_id {row['record_id']} recurs; make it unique"
                    )
                seen.add(row["record_id"])
                organisations.append((row, means[row["category"]]))
    return organisations


def simulate_patents(
    organisations: Iterable[tuple[Mapping[str, str], float]],
) -> list[dict[str, str]]:
    """Return the simulated patents of all organisations, in the order of their ids.

    Parameters
    ----------
    organisations : iterable of (mapping, float)
        Rows of the tables, each with its mean number of patents.

    Returns
    -------
    list of dict
        Rows with `COLUMNS`.
    """
    ordered = sorted(organisations, key=lambda item: item[0]["record_id"])
    return [patent for row, mean in ordered for patent in patents_of(row, mean)]


def patents_of(organisation: Mapping[str, str], mean: float) -> list[dict[str, str]]:
    """Return the simulated patents of one organisation.

    Parameters
    ----------
    organisation : mapping
        Row of `firms.csv` or `labs.csv`.
    mean : float
        Mean of the Poisson number of patents.

    Returns
    -------
    list of dict
        Rows with `COLUMNS`; place and coordinates are those of the organisation, filing years are
        uniform from `FIRST_YEAR` to `LAST_YEAR`.
    """
    record_id = organisation["record_id"]
    random = random_stream(record_id)
    years = random.integers(FIRST_YEAR, LAST_YEAR, size=random.poisson(mean), endpoint=True)
    copied = ("place", "country", "longitude", "latitude", "precision")
    return [
        {
            "record_id": f"sim-{record_id}-{number}",
            "name": f"Simulated patent {number} of {organisation['name']}",
            **{column: organisation[column] for column in copied},
            "organisation_id": record_id,
            "year": str(year),
            "source": f"simulated: make_patents_simulated.py, seed {SEED}",
            "simulated": "true",
        }
        for number, year in enumerate(years, start=1)
    ]


def random_stream(record_id: str) -> np.random.Generator:
    """Return an organisation's own random stream, the same on every run.

    NumPy may change the numbers of a stream between its versions, never within one.

    Parameters
    ----------
    record_id : str
        Identifier of the organisation.

    Returns
    -------
    numpy.random.Generator
        Seeded with the SHA-256 of `SEED` and `record_id`.
    """
    digest = hashlib.sha256(f"{SEED}:{record_id}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


if __name__ == "__main__":
    main()
