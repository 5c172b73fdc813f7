/* The map: footprints, records, names; what is chosen, what a clicked block of the tree covers. */
function makeMap(root, ground, records, onRegion, onDrawn, onMoved) {
  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const frame = el("div", { class: "gc-map" });
  const note = el("p", { class: "gc-note", hidden: true }, "This browser cannot draw the map (WebGL is not available); sliders, tree and lists work.");
  const host = el("div", { class: "gc-map-host" }, frame, note);
  let map = null, regions = new Map(), order = [], drawing = null, ready = false, waits = false, settled = true, release = null, soon = 0, names = null;
  const PATIENCE_MS = 60;
  const collection = (features) => ({ type: "FeatureCollection", features });
  const feature = (geometry, properties) => ({ type: "Feature", geometry, properties });
  const empty = () => ({ type: "geojson", data: collection([]) });

  const kind = (name) => ["==", ["get", "kind"], name];
  const status = (name) => ["all", kind("line"), ["==", ["get", "status"], name]];
  const chosen = (id) => ["all", kind("line"), ["==", ["get", "id"], id]];
  const faint = (now, later) => ["case", ["get", "waits"], later, now];
  const tint = () => ["match", ["get", "status"], "cluster", colour("cluster"), "quasi-cluster", colour("quasi"), colour("none")];
  function style() {
    return [
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("land"), "fill-antialias": false } },
      { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("border"), "line-width": 0.7 } },
      { id: "records", type: "circle", source: "records", filter: ["<=", ["get", "z"], ["zoom"]], paint: { "circle-color": colour("record"), "circle-opacity": 0.55, "circle-radius": ["interpolate", ["linear"], ["zoom"], 0, 1, 7, 3, 12, 5] } },
      { id: "fills", type: "fill", source: "regions", filter: kind("fill"), paint: { "fill-color": tint(), "fill-opacity": faint(["match", ["get", "status"], "cluster", 0.3, "quasi-cluster", 0.22, 0.1], 0.08) } },
      { id: "lines", type: "line", source: "regions", filter: status("cluster"), paint: { "line-color": colour("cluster"), "line-width": 2 } },
      { id: "lines-quasi", type: "line", source: "regions", filter: status("quasi-cluster"), paint: { "line-color": colour("quasi"), "line-width": 1.8, "line-dasharray": [4, 1.6] } },
      { id: "lines-none", type: "line", source: "regions", filter: status("none"), paint: { "line-color": colour("none"), "line-width": 1.2, "line-dasharray": [1, 1.6] } },
      { id: "joins", type: "line", source: "joins", paint: { "line-color": colour("mark"), "line-width": 2, "line-dasharray": [3, 2] } },
      { id: "looked", type: "line", source: "looked", paint: { "line-color": colour("mark"), "line-width": 3 } },
      { id: "chosen", type: "line", source: "regions", filter: chosen(""), paint: { "line-color": colour("ink"), "line-width": 3 } },
      { id: "cut", type: "line", source: "cut", paint: { "line-color": colour("mark"), "line-width": 3 } },
      { id: "dots", type: "circle", source: "regions", filter: kind("point"), paint: { "circle-color": tint(), "circle-stroke-color": colour("halo"), "circle-stroke-width": 1.5, "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "share"]], 0, 3.5, 1, 11], "circle-opacity": ["interpolate", ["linear"], ["zoom"], 8, faint(1, 0.5), 10, faint(0.3, 0.2)] } },
    ];
  }

  function start(bounds) {
    try {
      // without transitions: with them a change is drawn over and over for 300 ms before it stands
      map = new maplibregl.Map({ container: frame, style: { version: 8, transition: { duration: 0, delay: 0 }, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": colour("sea") } }] }, bounds, fitBoundsOptions: { padding: 30, maxZoom: 9 }, attributionControl: false, dragRotate: false, maxPitch: 0, maxZoom: 15, fadeDuration: 0 });
    } catch (failure) { note.hidden = false; frame.hidden = true; host.dataset.drawn = "none"; onDrawn(); return; }
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
    map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: "Outlines: Natural Earth" }), "bottom-right");
    map.on("load", fill);
    map.on("moveend", () => { if (ready) onMoved(); });
    map.on("click", click);
    map.on("mousemove", (event) => {
      if (drawing) { drawing.at = [event.lngLat.lng, event.lngLat.lat]; showCut(); }
      map.getCanvas().style.cursor = drawing ? "crosshair" : regionAt(event.point) ? "pointer" : "";
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  function fill() {
    const pick = (what) => ({ type: "geojson", data: ground.features.find((one) => one.properties.what === what), tolerance: 0.3 });
    map.addSource("land", pick("land"));
    map.addSource("borders", pick("borders"));
    map.addSource("records", { type: "geojson", data: collection(records.x.map((x, i) => feature({ type: "Point", coordinates: [x * STEP, records.y[i] * STEP] }, { z: records.z[i] }))) });
    for (const id of ["regions", "joins", "looked", "cut"]) map.addSource(id, empty());
    for (const layer of style()) map.addLayer(layer);
    names = makeNames(map, colour);
    ready = true;
    draw();
    map.once("idle", () => { host.dataset.drawn = "true"; onDrawn(); onMoved(); });
  }

  function recolour() {
    if (!ready) return;
    map.setPaintProperty("sea", "background-color", colour("sea"));
    for (const layer of style()) for (const [name, value] of Object.entries(layer.paint || {})) map.setPaintProperty(layer.id, name, value);
    names.paint();
  }

  /** Regions as features: what has changed goes over in one piece, for one redrawing. */
  function draw() {
    clearTimeout(soon);
    soon = 0;
    if (!ready) return;
    settled = false;
    const heaviest = Math.max(1, ...order.slice(0, 1).map((id) => regions.get(id).weight || 0));
    hold();
    const features = [];
    order.forEach((id) => {
      const region = regions.get(id), { status } = region;
      const about = { id, status, waits };
      if (region.drawn) {
        features.push(feature({ type: "MultiPolygon", coordinates: region.drawn }, { ...about, kind: "fill" }));
        features.push(feature({ type: "MultiLineString", coordinates: region.lines }, { ...about, kind: "line" }));
      }
      features.push(feature({ type: "Point", coordinates: region.at }, { ...about, kind: "point", share: (region.weight || 0) / heaviest }));
    });
    map.getSource("regions").setData(collection(features));
    names.list(named(heaviest));
  }

  /** No frame before the tiles of a change are all there: each would cost as much as the last. */
  function hold() {
    if (release) return;
    const paint = map.triggerRepaint;
    const end = () => {
      clearTimeout(late);
      map.off("sourcedata", loaded);
      map.triggerRepaint = paint;
      release = null;
      names.paint();
      map.triggerRepaint();
    };
    const loaded = (event) => {
      if (event.sourceId === "regions") setTimeout(() => { if (release === end && map.isSourceLoaded("regions")) end(); });
    };
    const late = setTimeout(end, 400);
    map.triggerRepaint = () => {};
    map.on("sourcedata", loaded);
    release = end;
  }

  /** Names, those of clusters first, then by weight; beside their dots. */
  function named(heaviest) {
    const first = (id) => regions.get(id).status === "cluster";
    return [...order.filter(first), ...order.filter((id) => !first(id))].map((id) => {
      const { name, weight, at } = regions.get(id);
      return { text: name, bold: first(id), at, aside: 8 + 7.5 * Math.sqrt((weight || 0) / heaviest) };
    });
  }

  function regionAt(point) {
    if (!ready) return "";
    const box = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const found = map.queryRenderedFeatures(box, { layers: ["dots", "fills"] });
    return found.length ? (found.find((one) => one.layer.id === "dots") || found[0]).properties.id : "";
  }

  function click(event) {
    if (drawing) {
      drawing.points.push([event.lngLat.lng, event.lngLat.lat]);
      showCut();
      return;
    }
    onRegion(regionAt(event.point));
  }

  function showCut() {
    const points = drawing ? [...drawing.points, drawing.at].filter(Boolean) : [];
    map.getSource("cut").setData(collection(points.length > 1 ? [feature({ type: "LineString", coordinates: points }, {})] : []));
  }

  const outline = (shape) => collection(shape ? [feature({ type: "MultiLineString", coordinates: linesOf(shape) }, {})] : []);
  return {
    host, start,
    /** Until all in view is there, a change waits a moment: if the rest follows at once, all is drawn once. */
    update(now, waiting, seen) {
      regions = now.regions;
      order = now.order;
      waits = waiting;
      settled = false;
      clearTimeout(soon);
      soon = 0;
      if (waiting && !seen) soon = setTimeout(draw, PATIENCE_MS);
      else draw();
    },
    /** West, south, east, north, zoom; null before there is a map. */
    view() {
      if (!map) return null;
      const box = map.getBounds();
      return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth(), map.getZoom()];
    },
    choose(id, still) {
      if (!ready) return;
      map.setFilter("chosen", chosen(id || ""));
      const region = regions.get(id);
      if (!region || still) return;
      const [x, y] = region.at, up = (region.extent_km + 30) / 111, aside = up / Math.max(Math.cos(y * Math.PI / 180), 0.05);
      const [west, south, east, north] = region.drawn ? region.bounds : [x - aside, Math.max(y - up, -90), x + aside, Math.min(y + up, 90)];
      map.fitBounds([[west, south], [east, north]], { padding: 60, maxZoom: 9, duration: 300 });
    },
    look(found) {
      if (!ready) return;
      map.getSource("looked").setData(outline(found && found.shape));
      map.getSource("joins").setData(outline(found && found.joins));
      const shape = found && (found.joins || found.shape);
      if (shape) map.fitBounds([[shape.bounds[0], shape.bounds[1]], [shape.bounds[2], shape.bounds[3]]], { padding: 50, maxZoom: 9, duration: 300 });
    },
    startCut() { drawing = { points: [], at: null }; map.doubleClickZoom.disable(); },
    endCut() { const points = drawing ? drawing.points : []; drawing = null; if (ready) { showCut(); map.doubleClickZoom.enable(); } return points; },
    /** Once all that was asked for stands on the screen. */
    whenDrawn(act) {
      if (!ready && map) map.once("idle", act);
      else if (!map || settled) act();
      else map.once("idle", () => { settled = !soon; this.whenDrawn(act); });
    },
    get live() { return map; },
  };
}
