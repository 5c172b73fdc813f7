"use strict";
/* What every live map of ours has alike: its frame, first view, controls, tip, colours. */
geoclust.frame = (() => {
  const { symbols } = geoclust;
  const node = document.querySelector(".map-frame");
  const tip = document.getElementById("tip");
  const WORLD = [[-180, -60], [180, 80]];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const duration = (milliseconds) => (still.matches ? 0 : milliseconds);

  /** The narrowest box round some places, over the antimeridian if that is narrower. */
  function boundsOf(points) {
    if (!points.length) return WORLD;
    const east = [...new Set(points.map((point) => point[0]))].sort((a, b) => a - b);
    let start = 0, widest = east[0] + 360 - east[east.length - 1];
    east.forEach((x, i) => { if (i && x - east[i - 1] > widest) { widest = x - east[i - 1]; start = i; } });
    const span = 360 - widest;
    if (span > 250) return WORLD;
    const north = points.map((point) => point[1]).sort((a, b) => a - b);
    return [[east[start] - 0.2, north[0] - 0.2], [east[start] + span + 0.2, north[north.length - 1] + 0.2]];
  }

  /** The box round several bounds (west, south, east, north); east may be beyond 180. */
  function around(boxes) {
    const astride = boxes.some((box) => box[2] > 180);
    const turned = boxes.map(([west, south, east, north]) =>
      (astride && east < 0 ? [west + 360, south, east + 360, north] : [west, south, east, north]));
    const all = (place) => turned.map((box) => box[place]);
    return [[Math.min(...all(0)), Math.min(...all(1))], [Math.max(...all(2)), Math.max(...all(3))]];
  }

  /** The whole world once, filling the frame; for a map too wide to be fitted into it. */
  function worldView() {
    const zoom = Math.log2(Math.max(node.clientWidth, node.clientHeight) / 512);
    return { center: [10, 25], zoom };
  }

  /** Back to a map's first view. */
  function home(map, bounds) {
    const options = { padding: 40, maxZoom: 9, duration: duration(600) };
    if (bounds === WORLD) map.easeTo({ ...worldView(), duration: options.duration });
    else map.fitBounds(bounds, options);
  }

  /** A map with no address in its style, or null where the browser cannot draw one. */
  function open(ground, bounds) {
    let map = null;
    try {
      map = new maplibregl.Map({
        container: "map",
        style: { version: 8, sources: {}, layers: [ground] },
        ...(bounds === WORLD ? worldView() : { bounds, fitBoundsOptions: { padding: 40, maxZoom: 9 } }),
        cooperativeGestures: true,
        attributionControl: false,
        dragRotate: false,
        maxPitch: 0,
        maxZoom: 15,
        canvasContextAttributes: { preserveDrawingBuffer: true },
      });
    } catch (failure) {
      node.classList.add("map-off");
      document.getElementById("map-failure").hidden = false;
      return null;
    }
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
    map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: "Outlines: Natural Earth" }), "bottom-right");
    map.on("mouseout", hideTip);
    map.on("movestart", hideTip);
    if (document.getElementById("map-words")) map.getCanvas().setAttribute("aria-describedby", "map-words");
    return map;
  }

  /** Images drawn when first asked for, and drawn anew in other colours when it gets dark. */
  function paint(map, picture, layers) {
    map.on("styleimagemissing", ({ id }) => {
      if (!map.hasImage(id)) map.addImage(id, symbols.pixels(picture(id)), { pixelRatio: symbols.SCALE });
    });
    dark.addEventListener("change", () => {
      for (const id of map.listImages()) map.updateImage(id, symbols.pixels(picture(id)));
      for (const layer of layers()) {
        for (const [name, value] of Object.entries(layer.paint || {})) {
          if (map.getLayer(layer.id)) map.setPaintProperty(layer.id, name, value);
        }
      }
    });
  }

  function showTip(point, content) {
    if (!content.length) { hideTip(); return; }
    tip.replaceChildren(...content);
    tip.hidden = false;
    const left = Math.min(point.x + 14, node.clientWidth - tip.offsetWidth - 8);
    const top = point.y + 18 + tip.offsetHeight > node.clientHeight ? point.y - tip.offsetHeight - 12 : point.y + 18;
    tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  function hideTip() { tip.hidden = true; }

  const drawn = (map) => map.once("idle", () => { node.dataset.drawn = "true"; });
  return { node, dark, duration, boundsOf, around, open, home, paint, showTip, hideTip, drawn };
})();
