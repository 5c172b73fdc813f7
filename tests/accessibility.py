"""axe-core run on a page in a real browser: what one with a keyboard or a screen reader trips on.

The rules are those of axe-core (MPL-2.0) as the package axe-playwright-python carries them; nothing
is fetched.  It is put in as the browser's own, so that a page's security policy stays as it is.
"""

from functools import cache
from importlib.resources import files
from typing import Any

SERIOUS = ("serious", "critical")
RUN = """async (options) => {
  const found = await axe.run(document, options);
  const plain = (rules) => rules.map((rule) => ({
    id: rule.id, impact: rule.impact, help: rule.help,
    nodes: rule.nodes.map((node) => ({
      target: node.target.flat().join(" "), html: node.html,
      why: [...node.any, ...node.all, ...node.none].map((check) => check.message),
    })),
  }));
  return { violations: plain(found.violations), passed: found.passes.length };
}"""


def findings(page: Any, *, serious_only: bool = True) -> list[str]:
    """What axe-core finds wrong with a page as it stands now, the frames in it included.

    Parameters
    ----------
    page
        A page of playwright's synchronous API, loaded and settled.  It may be opened again and
        again in any state; elements that are not shown are not judged.
    serious_only
        Leave out findings of minor and moderate impact.

    Returns
    -------
    list of str
        One line for each element and rule: impact, rule, selector, the reason; empty if all is
        well.  So ``assert findings(page) == []`` tells what to mend.

    Raises
    ------
    RuntimeError
        If not one rule passed: then the page was empty or axe-core did not run.
    """
    told, passed = [], 0
    for frame in page.frames:
        if frame.url == "about:blank" and frame is not page.main_frame:
            continue
        frame.evaluate(axe_source())
        result = frame.evaluate(
            RUN, {"iframes": False, "preload": False, "resultTypes": ["violations", "passes"]}
        )
        passed += result["passed"]
        place = "" if frame is page.main_frame else f" in frame {frame.name or frame.url[:80]}"
        told += [
            f"{rule['impact']}: {rule['id']} at {node['target']}{place}: {'; '.join(node['why'])}"
            for rule in result["violations"]
            if rule["impact"] in SERIOUS or not serious_only
            for node in rule["nodes"]
        ]
    if not passed:
        raise RuntimeError(f"{page.url}: no rule of axe-core passed; was the page loaded?")
    return told


@cache
def axe_source() -> str:
    """The text of axe-core."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
