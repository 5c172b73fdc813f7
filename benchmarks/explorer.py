"""The explorer driven in a real headless Chromium: seconds from a slider's move to the map drawn.

Every slider is moved through some values near its own.  Told are, per slider, the median and the
worst of: *map*, from the move to the new regions standing on the map (MapLibre idle, and the
browser ready for the frame after); *all*, to the last verdict, rank and card of that move; and the
processor's seconds of the kernel and of the browser.  `load` is the machine's load average while it
ran.  Chromium runs as it starts by itself, which without a graphics card is in software.

usage: python benchmarks/explorer.py [--records 1215 5000 100000] [--moves 6] [--sliders NAME ...]
           [--pause SECONDS] [--json FILE]

Without a pause a move starts while the page's last frame is still being painted, as in a drag;
with one (0.5) it starts from rest.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer_worlds import SAMPLE_SIZE, study_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = ".gc-explorer"
ARGUMENTS = ("--no-sandbox",)
MOVES = {
    "clustering.min_cluster_size": (1, 2, 3, 4, 5, 6, 7, 8),
    "clustering.min_samples": (1, 2, 3, -1, -2, 4, 5, 6),
    "clustering.cluster_selection_epsilon_km": (5, 8, 12, 16, 20, 25, 30, 35),
    "clustering.max_link_km": (5, 10, 15, 20, -5, -10, -15, -20),
    "delineation.reach_km": (1, 2, 3, 4, 5, -1, -2, -3),
    "thresholds.cluster.min_density": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "thresholds.cluster.min_capability": (0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16),
    "thresholds.quasi.min_density": (-0.01, -0.02, -0.03, -0.04, -0.05, -0.06, -0.07, -0.08),
    "thresholds.quasi.min_capability": (-0.01, -0.02, -0.03, -0.04, -0.05, -0.06, -0.07, -0.08),
}
"""Steps from the study's own value."""

MOVE = """
([name, value]) => new Promise((told, failed) => {
  const find = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (one.matches(".gc-explorer")) return one;
      const inner = one.shadowRoot && find(one.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const root = find(document);
  const slider = root.querySelector(`input[name="${name}"]`);
  const start = performance.now();
  let drawn = 0, asked = false;
  const painted = (act) => requestAnimationFrame(() => act(performance.now() - start));
  const watch = new MutationObserver(() => {
    if (!asked && root.dataset.shown === "regions") {
      asked = true;
      painted((now) => { drawn = now; });
    }
    if (root.dataset.shown === "all") {
      watch.disconnect();
      painted((now) => told([drawn || now, now]));
    }
  });
  const told_why = () => root.querySelector(".gc-status").textContent;
  setTimeout(() => { watch.disconnect(); failed(new Error("none: " + told_why())); }, 6e5);
  root.dataset.shown = "";
  watch.observe(root, { attributes: true, attributeFilter: ["data-shown"] });
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
})
"""


def main() -> None:
    """Measure every size asked for and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[SAMPLE_SIZE, 5000, 100_000])
    parser.add_argument("--moves", type=int, default=6)
    parser.add_argument("--sliders", nargs="+", choices=MOVES, default=list(MOVES), metavar="NAME")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds of rest between moves")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = {}
    for records in arguments.records:
        with tempfile.TemporaryDirectory() as folder:
            found[records] = measured(
                study_of(records, Path(folder)),
                arguments.moves,
                arguments.sliders,
                arguments.pause,
            )
        print(table(records, found[records]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), "utf-8")


def measured(study: Path, moves: int, names: list[str], pause: float) -> dict[str, Any]:
    """Start the command, open its page, move every slider."""
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "geoclust", "explore", str(study), "--no-browser"]
    served = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = served.stdout.readline().strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS
            )
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            payload: list[int] = []
            page.on("websocket", lambda s: s.on("framereceived", lambda f: payload.append(len(f))))
            start = time.perf_counter()
            page.goto(address)
            page.wait_for_selector(f"{ROOT}[data-drawn]", timeout=600_000)
            drawn = time.perf_counter() - start
            page.wait_for_selector(f'{ROOT}[data-shown="all"]', timeout=600_000)
            whole, first = time.perf_counter() - start, sum(payload)
            sliders = {name: moved(page, served.pid, payload, name, moves, pause) for name in names}
            browser.close()
    finally:
        served.terminate()
        served.wait(30)
    return {"start_s": drawn, "start_all_s": whole, "start_bytes": first, "sliders": sliders}


def moved(  # noqa: PLR0917 - the page and what is done on it
    page: "Page", kernel: int, payload: list[int], name: str, moves: int, pause: float
) -> dict[str, Any]:
    """Seconds and bytes of a slider's moves, the first of them not counted."""
    own = float(page.locator(f'input[name="{name}"]').input_value())
    map_s, all_s, sent, cpu = [], [], [], []
    for number, step in enumerate(MOVES[name][: moves + 1]):
        time.sleep(pause)
        before, used = sum(payload), (processor(kernel), processor(os.getpid()))
        seconds = page.evaluate(MOVE, [name, str(round(own + step, 9))])
        if number:
            map_s.append(seconds[0] / 1000)
            all_s.append(seconds[1] / 1000)
            sent.append(sum(payload) - before)
            kernel_s = processor(kernel) - used[0]
            cpu.append((kernel_s, processor(os.getpid()) - used[1] - kernel_s))
    page.evaluate(MOVE, [name, str(own)])
    return {"map_s": map_s, "all_s": all_s, "bytes": sent, "cpu_s": cpu}


def processor(root: int) -> float:
    """Processor seconds of a process and all below it."""
    tick = os.sysconf("SC_CLK_TCK")
    below: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        fields = text.rsplit(")", 1)[1].split()
        number = int(path.parent.name)
        below.setdefault(int(fields[1]), []).append(number)
        used[number] = (int(fields[11]) + int(fields[12])) / tick
    total, waiting = 0.0, [root]
    while waiting:
        one = waiting.pop()
        total += used.get(one, 0.0)
        waiting += below.get(one, [])
    return total


def table(records: int, found: dict[str, Any]) -> str:
    """A table in Markdown."""
    load = os.getloadavg()[0]
    lines = [
        f"\n### {records:,} records\n",
        (
            f"Page: first map {found['start_s']:.1f} s, all {found['start_all_s']:.1f} s, "
            f"{found['start_bytes'] / 1e6:.2f} MB; load {load:.1f}\n"
        ),
        "| slider | map, median | worst | all, median | worst | kernel CPU | browser CPU | kB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, one in found["sliders"].items():
        kernel, browser = (statistics.median(part) for part in zip(*one["cpu_s"], strict=True))
        lines.append(
            f"| {name} | {statistics.median(one['map_s']):.3f} | {max(one['map_s']):.3f} "
            f"| {statistics.median(one['all_s']):.3f} | {max(one['all_s']):.3f} "
            f"| {kernel:.2f} | {browser:.2f} | {statistics.median(one['bytes']) / 1000:.0f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
