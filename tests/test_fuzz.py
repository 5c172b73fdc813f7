"""The harnesses of the fuzzer hold for sound inputs and for all that fuzzing ever found."""

from pathlib import Path

import pytest
from fuzz import harnesses
from fuzz.doors import HARNESSES
from fuzz.seeds import WORDS, seeds

FOUND = sorted((Path(__file__).parent / "fuzz" / "found").glob("*"))


@pytest.mark.parametrize("name", HARNESSES)
def test_sound_inputs_pass_their_door(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WORDS[name]
    if name in {"presets", "inspect"}:  # they have tests of their own to the end of the way
        monkeypatch.setattr(harnesses, "WHOLE_OF", 4)
    for content in seeds(name):
        HARNESSES[name](content)


def test_what_fuzzing_found_is_answered() -> None:
    for path in FOUND:
        HARNESSES[path.name.partition("-")[0]](path.read_bytes())


def test_a_harness_fails_where_the_account_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    import fuzz.harnesses as doors

    def broken(*_: object, **__: object) -> None:
        raise KeyError("not one of ours")

    monkeypatch.setattr(doors, "read_inputs", broken)
    with pytest.raises(KeyError):
        doors.csv(b"\0a,b\n1,2\n")
