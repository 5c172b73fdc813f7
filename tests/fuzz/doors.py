"""All that is fuzzed, by name."""

import time
from collections.abc import Callable

from fuzz import harnesses, settings, sources

LONGEST_SECONDS = 20
"""Of the processor, for one input of at most 64 KiB."""

HARNESSES: dict[str, Callable[[bytes], None]] = {
    "csv": harnesses.csv,
    "excel": harnesses.excel,
    "geojson": harnesses.geojson,
    "jsonlines": harnesses.jsonlines,
    "geopackage": harnesses.geopackage,
    "parquet": harnesses.parquet,
    "presets": sources.presets,
    "inspect": sources.inspect,
    "identity": sources.identity,
    "boundaries": sources.boundaries,
    "duckdb": sources.duckdb,
    "parts": sources.parts,
    "study": settings.study,
    "batch": settings.batch,
    "edits": settings.edits,
    "arguments": settings.arguments,
}


def timed(harness: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The harness, failing also where one input takes too long."""

    def judged(data: bytes) -> None:
        start = time.process_time()
        harness(data)
        assert time.process_time() - start < LONGEST_SECONDS, "takes too long"

    return judged
