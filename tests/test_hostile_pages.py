"""Names that are scripts, on every page that any command writes, in a real browser."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import geoclust as gc
from geoclust.cli.main import _status

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "${alert(3)} {{alert(4)}} {% raw %}",
    "javascript:alert(5)",
    "\"><svg onload=alert(6)> ' onmouseover='alert(7)",
    "</title></style><!--",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of a run, a batch, a sweep and a comparison of a study full of such names."""
    folder = tmp_path_factory.mktemp("hostile")
    for seed, name in enumerate(("one", "two"), start=1):
        (folder / name).mkdir()
        gc.synthetic.write_toy_world(folder / name, seed=seed)
        for table in ("firms", "labs", "places"):
            path = folder / name / f"{table}.csv"
            frame = pd.read_csv(path, dtype=str)
            frame["name"] = [NAMES[at % len(NAMES)] for at in range(len(frame))]
            frame["source"] = NAMES[0]
            frame.to_csv(path, index=False)
        (folder / name / "study.toml").write_text(
            f"[study]\nname = '''{NAMES[0]}'''\ndescription = '''{NAMES[1]}'''\n"
            f"author = '''{NAMES[4]}'''\ncitation = '''{NAMES[3]}'''\n[report]\nfigures = false\n"
        )
        study = str(folder / name / "study.toml")
        assert _status(["run", study, "--out", str(folder / f"run-{name}"), "-q"]) == 0
    one, two = (str(folder / f"run-{name}") for name in ("one", "two"))
    study = str(folder / "one" / "study.toml")
    one_in, two_in, batch = (str(folder / name) for name in ("one", "two", "batch"))
    for command in (
        ["sweep", study, "--vary", "delineation.reach_km=8,12", "--out", str(folder / "sweep")],
        ["compare", one, two, "--out", str(folder / "compare")],
        ["batch", "--template", study, one_in, two_in, "--jobs", "1", "--out", batch],
    ):
        assert _status([*command, "-q"]) == 0, command
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")}
    assert {name.split("/")[0] for name in found} == {
        "run-one", "run-two", "sweep", "compare", "batch"
    }  # fmt: skip
    return found


@pytest.mark.slow
@pytest.mark.browser
def test_no_name_runs_on_any_page(pages: dict[str, Path], browser: "Browser") -> None:
    told: list[str] = []
    context = browser.new_context()
    for name, path in sorted(pages.items()):
        page = context.new_page()
        page.on("dialog", lambda dialog, at=name: (told.append(f"{at}: dialog"), dialog.dismiss()))
        page.on("pageerror", lambda error, at=name: told.append(f"{at}: {error}"))
        page.on(
            "request",
            lambda asked, at=name: (
                None
                if asked.url.startswith(("file:", "data:", "blob:"))
                else told.append(f"{at}: asks {asked.url}")
            ),
        )
        page.goto(path.as_uri())
        page.wait_for_timeout(1500)
        for button in page.get_by_role("button").all()[:12]:
            if button.is_visible():
                button.evaluate("b => b.click()")
        if page.locator("#search").count():
            page.locator("#search").fill("img onerror")
            page.keyboard.press("Enter")
            page.evaluate("geoclust.choose(0); geoclust.choose(1, true)")
            page.evaluate("name => { location.hash = `region=${name}&with=${name}`; }", NAMES[4])
        strange = page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => "
            "/^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value))).length"
        )
        if strange or page.locator("img[src=x]").count():
            told.append(f"{name}: a name became markup")
        page.close()
    assert told == []
