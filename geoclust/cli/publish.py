"""`geoclust publish`."""

from pathlib import Path

from geoclust.cli.app import app
from geoclust.cli.options import Flag, Quiet
from geoclust.cli.support import print_json, stdout


@app.command
def publish(
    results: Path,
    store: str,
    /,
    *,
    schema: str = "geoclust",
    json: Flag = False,
    quiet: Quiet = False,
) -> int:
    """Write the tables of a finished run into a database or file that others read from.

    All of them or none; a second time replaces the first. What others put there stays.

    Parameters
    ----------
    results
        The folder that a run wrote.
    store
        postgresql://USER@HOST:PORT/DATABASE (PostGIS; the password comes from PGPASSWORD,
        ~/.pgpass or a service file, never from here), a file ending in .duckdb or .gpkg, or a
        folder for GeoParquet partitioned by country.
    schema
        Of a PostGIS database; made where it does not exist.
    json
        Print the numbers of rows as JSON on standard output.
    """
    from geoclust.report import publish_study  # noqa: PLC0415 - keeps --help fast

    rows = publish_study(results, store, schema=schema)
    if json:
        print_json({"rows": rows})
    elif not quiet:
        told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in rows.items())
        stdout().print(f"Published {told}", highlight=False, markup=False, soft_wrap=True)
    return 0
