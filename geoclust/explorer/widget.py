"""The page's component: a bench behind a map, sliders and a tree; in Jupyter, marimo, a page.

The browser asks one thing at a time (`request`), the kernel answers (`reply`) with what has
changed.  Everything the browser is told is plain values that its script shows as text.
"""

import logging
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import anywidget
import numpy as np
import traitlets

from geoclust.errors import GeoclustError
from geoclust.explorer.ahead import Ahead
from geoclust.explorer.bench import Bench
from geoclust.explorer.cards import card_of
from geoclust.explorer.editing import edit_of, words_of
from geoclust.explorer.forest import Forest, look
from geoclust.explorer.places import places_of
from geoclust.explorer.scene import FOUND, JUDGED, Scene, View
from geoclust.report.payload import outlines
from geoclust.report.rendering import maplibre
from geoclust.study.exploring import farthest_km

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

PARTS: Final = (
    "parts.js",
    "names.js",
    "map.js",
    "tree.js",
    "panel.js",
    "card.js",
    "acts.js",
    "explorer.js",
)
"""The component's own scripts, in the order they stand in its module."""


FIRST_S: Final = 0.12
"""Seconds of drawing before the page is told what there is; judging comes on top."""

LATER_S: Final = 0.25
"""And of each turn after that, between which a reader may move on."""

GRACE_S: Final = 0.02
"""So much longer may what is out of view take to be told with what is in view."""

AHEAD_S: Final = 0.03
"""And of work that nobody has asked for yet."""


@cache
def module_text() -> str:
    """The component as one ES module: MapLibre inside, no address anywhere."""
    own = "\n".join(_asset(name) for name in PARTS)
    library = maplibre("maplibre-gl.js")
    return (
        "const maplibregl = (() => { const module = { exports: {} }, exports = module.exports;\n"
        f"{library}\nreturn module.exports; }})();\n{own}"
    )


@cache
def style_text() -> str:
    """Styles of MapLibre and of the component."""
    return maplibre("maplibre-gl.css") + _asset("explorer.css")


@cache
def _asset(name: str) -> str:
    return (files("geoclust.explorer") / "assets" / name).read_text("utf-8")


class Explorer(anywidget.AnyWidget):  # type: ignore[misc]
    """A study to explore: drag its settings, click its hierarchy, edit its regions, save it.

    Parameters
    ----------
    bench
        The study on its bench.
    static
        Whether a reader without a kernel is shown the study's map.
    """

    _esm = module_text()
    _css = style_text()

    about = traitlets.Dict().tag(sync=True)
    """Title, sliders, first view."""
    ground = traitlets.Unicode().tag(sync=True)
    """Outlines of countries, GeoJSON."""
    records = traitlets.Dict().tag(sync=True)
    """Where records lie, in whole steps, and the zoom from which on each is drawn."""
    request = traitlets.Dict().tag(sync=True)
    reply = traitlets.Dict().tag(sync=True)

    def __init__(self, bench: Bench, *, static: bool = False) -> None:
        self.bench, self.scene, self._static = bench, Scene(bench), static
        self.ahead = Ahead(bench, self.scene.seen)
        self._blocks: tuple[str, Forest] | None = None
        self._dragged = self._told = ""
        super().__init__(
            about=_about(bench),
            ground=outlines(),
            records=places_of(bench.inputs.records),
            request={},
            reply={},
        )

    def _repr_mimebundle_(self, **options: Any) -> Any:  # noqa: ANN401 - as IPython has it
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if self._static and data is not None:
            from geoclust.report.exploring import explore_map  # noqa: PLC0415 - only then

            data["text/html"] = explore_map(self.bench.study)._repr_html_()
        return bundle

    @traitlets.observe("request")  # type: ignore[untyped-decorator]
    def _asked(self, change: dict[str, Any]) -> None:
        asked = change["new"]
        acts: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "start": self._start,
            "set": self._set,
            "more": self._more,
            "ahead": self._go_ahead,
            "view": self._view,
            "undo": self._undo,
            "reset": self._reset,
            "look": self._look,
            "card": self._card,
            "edit": self._edit,
            "save": self._save,
        }
        act = acts.get(asked.get("act", ""))
        if act is None:
            return
        try:
            self.scene.view = View.of(asked.get("view")) or self.scene.view
            answer = act(asked)
        except (GeoclustError, ValueError) as error:
            answer = {"fault": str(error), "values": self.scene.values()}
        except Exception:  # noqa: BLE001 - the page is told, the log has the rest
            _log.exception("the explorer could not do %r", asked.get("act"))
            answer = {"fault": "that did not work, by a fault of ours; the log says more"}
        self.reply = {"number": asked["number"], **answer}

    def _start(self, _asked: dict[str, Any]) -> dict[str, Any]:
        self.scene.forget()
        self._told = ""
        return {"patch": self._patch()}

    def _set(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Every move of a drag is drawn; `undo` takes back the whole drag."""
        value = {str(asked["name"]): float(asked["value"])}
        self.bench.set(value, again=self._dragged == asked["name"])
        self._dragged = "" if asked.get("done") else str(asked["name"])
        self.ahead.moved(str(asked["name"]), float(asked["value"]))
        return {"patch": self._patch()}

    def _more(self, _asked: dict[str, Any]) -> dict[str, Any]:
        """Go on with what the last patch left open."""
        return {"patch": self._patch(LATER_S, np.inf)}

    def _go_ahead(self, _asked: dict[str, Any]) -> dict[str, Any]:
        """While the page is at rest: what the next move may ask for."""
        return {"ahead": self.ahead.work(AHEAD_S)}

    def _view(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return {"shapes": self.scene.looked(LATER_S)}

    def _edit(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.bench.edit(edit_of(asked["edit"]))
        return {"patch": self._patch()}

    def _undo(self, _asked: dict[str, Any]) -> dict[str, Any]:
        self.bench.undo()
        return {"patch": self._patch()}

    def _reset(self, _asked: dict[str, Any]) -> dict[str, Any]:
        self.bench.reset()
        return {"patch": self._patch()}

    def _look(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"looked": look(self.bench, self._forest(), int(asked["n"]))}

    def _card(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"card": card_of(self.bench, str(asked["id"]))}

    def _save(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return {"saved": str(self.bench.save().name)}

    def _patch(self, seconds: float = FIRST_S, grace: float = GRACE_S) -> dict[str, Any]:
        patch = self.scene.patch(seconds, grace=grace)
        edits = [{"words": words_of(one), "reason": one.reason} for one in self.bench.edits]
        patch |= {"can_undo": self.bench.can_undo, "edits": edits}
        if patch["done"] and self._told != self._key():
            patch["blocks"], self._told = self._forest().blocks(), self._key()
        return patch

    def _key(self) -> str:
        return repr((self.bench.config.clustering, self.bench.edits))

    def _forest(self) -> Forest:
        key = self._key()
        if self._blocks is None or self._blocks[0] != key:
            forest = Forest.of(self.bench.hierarchy(), self.bench.clustering())
            self._blocks = key, forest
        return self._blocks[1]


def _about(bench: Bench) -> dict[str, Any]:
    records = bench.inputs.records
    return {
        "title": bench.config.name,
        "words": f"{len(records):,} records. Drag a setting: regions, verdicts and ranks follow. "
        "Nothing is kept until it is saved as a study file.",
        "controls": [vars(one) for one in bench.controls],
        "bounds": _bounds(bench),
        "found": FOUND,
        "judged": JUDGED,
        "reach_km": bench.sketch().reach_km,
        "farthest_km": farthest_km(bench.clustering()),
    }


def _bounds(bench: Bench) -> list[list[float]]:
    """The narrowest box round all records; the world where they are spread widely."""
    records = bench.inputs.records
    x, y = records["longitude"].to_numpy(), records["latitude"].to_numpy()
    if not len(x):
        return [[-150.0, -56.0], [170.0, 74.0]]
    turned = np.where(x < 0, x + 360, x)
    x = turned if np.ptp(turned) < np.ptp(x) / 2 else x
    if np.ptp(x) > 250:  # noqa: PLR2004 - degrees
        return [[-150.0, -56.0], [170.0, 74.0]]
    room = 0.2
    return [
        [float(x.min()) - room, max(-84.0, float(y.min()) - room)],
        [float(x.max()) + room, min(84.0, float(y.max()) + room)],
    ]
