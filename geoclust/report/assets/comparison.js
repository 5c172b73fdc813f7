"use strict";
/* The page of a comparison: both outlines on one map, a card for each region, filters by fate. */
(() => {
  const { data, outlines, numbers, el, number, country, colour, link, symbols, tables, frame, unfold, MISSING } = geoclust;
  const panel = document.getElementById("card");
  const find = document.getElementById("find");
  const FATES = Object.keys(data.fates);
  const EDGE = 84.9;
  const shown = { fates: new Set(FATES), a: true, b: true };
  let map = null;

  for (const shapes of Object.values(data.shapes)) {
    for (const shape of shapes) {
      shape.polygons = shape.polygons.map((part) => part.map(unfold));
      shape.outline = shape.outline ? shape.outline.map(unfold) : shape.polygons.flat();
    }
  }

  /* -- symbols: a shape and a colour for each fate ------------------------------------------ */

  const SHAPES = {
    kept: (pen, c) => { pen.arc(c, c, c - 5, 0, 7); },
    grown: (pen, c) => { pen.moveTo(c, 2.5); pen.lineTo(2 * c - 2.5, 2 * c - 3.5); pen.lineTo(2.5, 2 * c - 3.5); pen.closePath(); },
    shrunk: (pen, c) => { pen.moveTo(c, 2 * c - 2.5); pen.lineTo(2 * c - 2.5, 3.5); pen.lineTo(2.5, 3.5); pen.closePath(); },
    merged: (pen, c) => { pen.moveTo(2 * c - 2.5, c); pen.lineTo(3.5, 2 * c - 2.5); pen.lineTo(3.5, 2.5); pen.closePath(); },
    split: (pen, c) => { pen.moveTo(2.5, c); pen.lineTo(2 * c - 3.5, 2 * c - 2.5); pen.lineTo(2 * c - 3.5, 2.5); pen.closePath(); },
    reshuffled: (pen, c) => { pen.moveTo(c, 2); pen.lineTo(2 * c - 2, c); pen.lineTo(c, 2 * c - 2); pen.lineTo(2, c); pen.closePath(); },
    new: (pen, c) => { cross(pen, c, 0); },
    gone: (pen, c) => { cross(pen, c, Math.PI / 4); },
  };

  function cross(pen, c, turn) {
    const arm = c - 3, half = 2.2;
    const corners = [[half, -arm], [half, -half], [arm, -half], [arm, half], [half, half], [half, arm], [-half, arm], [-half, half], [-arm, half], [-arm, -half], [-half, -half], [-half, -arm]];
    corners.forEach(([x, y], i) => {
      const at = [c + x * Math.cos(turn) - y * Math.sin(turn), c + x * Math.sin(turn) + y * Math.cos(turn)];
      if (i) pen.lineTo(...at); else pen.moveTo(...at);
    });
    pen.closePath();
  }

  function draw(fate, size) {
    const node = document.createElement("canvas");
    node.width = node.height = size * symbols.SCALE;
    const pen = node.getContext("2d", { willReadFrequently: true });
    pen.scale(symbols.SCALE, symbols.SCALE);
    pen.beginPath();
    SHAPES[fate](pen, size / 2);
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = colour("halo");
    pen.stroke();
    pen.fillStyle = colour(`fate-${fate}`);
    pen.fill();
    return node;
  }

  function swatch(fate) {
    const node = draw(fate, 20);
    node.dataset.fate = fate;
    node.setAttribute("aria-hidden", "true");
    return node;
  }

  /* -- the map -------------------------------------------------------------------------------- */

  const feature = (geometry, properties, id) => ({ type: "Feature", id, geometry, properties });
  const geojson = (features) => ({ type: "geojson", data: { type: "FeatureCollection", features }, tolerance: 0.2 });
  const polar = (shape) => shape.bounds[3] > 88 || shape.bounds[1] < -88;

  function sides() {
    const found = {};
    for (const end of ["a", "b"]) {
      const fills = [], lines = [];
      data.regions.forEach((row, i) => {
        const shape = data.shapes[end][row[`in_${end}`]];
        if (!shape || polar(shape)) return;
        fills.push(feature({ type: "MultiPolygon", coordinates: shape.polygons }, { i, fate: row.fate }, i));
        lines.push(feature({ type: "MultiLineString", coordinates: shape.outline }, { i, fate: row.fate }, i));
      });
      found[`fills-${end}`] = geojson(fills);
      found[`lines-${end}`] = geojson(lines);
    }
    return found;
  }

  function sources() {
    const named = outlines.features.filter((one) => one.properties.what === "label");
    named.forEach((one, n) => { one.properties.n = n; });
    geoclust.countryNames = named.map((one) => one.properties.name);
    const pick = (what) => ({ type: "geojson", data: outlines.features.find((one) => one.properties.what === what), tolerance: 0.3 });
    const points = data.regions.map((row, i) => feature({ type: "Point", coordinates: [row.at[0], Math.max(-EDGE, Math.min(EDGE, row.at[1]))] }, { i, fate: row.fate, order: row.fate === "kept" ? i + 1e6 : i }, i));
    return { land: pick("land"), borders: pick("borders"), names: geojson(named), points: geojson(points), ...sides() };
  }

  function layers() {
    const fill = (end, name, opacity) => ({ id: `fill-${end}`, type: "fill", source: `fills-${end}`, paint: { "fill-color": colour(name), "fill-opacity": opacity, "fill-antialias": false } });
    const width = (thin, thick) => ["interpolate", ["linear"], ["zoom"], 2, thin, 8, thick];
    return [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("land"), "fill-antialias": false } },
      { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("border"), "line-width": width(0.5, 1.2) } },
      fill("a", "side-a", 0.1),
      fill("b", "side-b", 0.14),
      { id: "line-b", type: "line", source: "lines-b", layout: { "line-join": "round" }, paint: { "line-color": colour("side-b"), "line-width": width(1, 2.4) } },
      { id: "line-a", type: "line", source: "lines-a", layout: { "line-join": "round" }, paint: { "line-color": colour("side-a"), "line-width": width(1, 2.4), "line-dasharray": [2.4, 1.5] } },
      { id: "chosen", type: "line", source: "lines-b", filter: ["==", ["get", "i"], -1], paint: { "line-color": colour("ink"), "line-width": 3.5, "line-opacity": 0.5 } },
      { id: "country-names", type: "symbol", source: "names", minzoom: 1.8, layout: { "icon-image": ["concat", "country-", ["to-string", ["get", "n"]]], "symbol-sort-key": ["get", "n"], "icon-padding": 6 } },
      { id: "marks", type: "symbol", source: "points", layout: { "icon-image": ["get", "fate"], "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 1, 0.7, 6, 1], "symbol-sort-key": ["-", 0, ["get", "order"]] } },
      { id: "labels", type: "symbol", source: "points", layout: { "icon-image": ["concat", "region-", ["to-string", ["get", "i"]]], "icon-anchor": "left", "icon-offset": [10, 0], "symbol-sort-key": ["get", "order"], "icon-padding": 1 } },
    ];
  }

  function picture(id) {
    const [family, at] = id.split(/-(?=\d+$)/);
    if (family === "region") return symbols.label(data.regions[at].name, { bold: data.regions[at].fate !== "kept" });
    if (family === "country") return symbols.label(geoclust.countryNames[at], { quiet: true });
    return draw(id, 20);
  }

  const wholeBounds = () => frame.boundsOf(data.regions.map((row) => row.at).filter((at) => Math.abs(at[1]) < EDGE));

  function startMap() {
    map = frame.open(layers()[0], wholeBounds());
    if (!map) return;
    frame.paint(map, picture, layers);
    map.on("load", () => {
      for (const [id, source] of Object.entries(sources())) map.addSource(id, source);
      for (const layer of layers().slice(1)) map.addLayer(layer);
      filter();
      highlight(chosen());
      frame.drawn(map);
    });
    map.on("mousemove", hover);
    map.on("click", (event) => { const i = under(event.point); if (i >= 0) choose(i); });
    frame.dark.addEventListener("change", () => {
      for (const mark of document.querySelectorAll("canvas[data-fate]")) mark.replaceWith(swatch(mark.dataset.fate));
    });
    document.getElementById("reset-view").addEventListener("click", () => frame.home(map, wholeBounds()));
  }

  function under(point) {
    const box = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const known = ["marks", "labels", "fill-b", "fill-a"].filter((id) => map.getLayer(id));
    const found = map.queryRenderedFeatures(box, { layers: known });
    const mark = found.find((one) => one.layer.id === "marks") || found[0];
    return mark ? mark.properties.i : -1;
  }

  function hover(event) {
    const i = under(event.point);
    map.getCanvas().style.cursor = i >= 0 ? "pointer" : "";
    const row = data.regions[i];
    frame.showTip(event.point, row ? [el("b", {}, row.name), el("div", {}, row.fate), el("div", { class: "quiet" }, country(row.country))] : []);
  }

  function filter() {
    if (!map || !map.getLayer("marks")) return;
    const fates = ["in", ["get", "fate"], ["literal", [...shown.fates]]];
    for (const id of ["marks", "labels", "fill-a", "fill-b", "line-a", "line-b"]) map.setFilter(id, fates);
    for (const end of ["a", "b"]) {
      for (const part of ["fill", "line"]) map.setLayoutProperty(`${part}-${end}`, "visibility", shown[end] ? "visible" : "none");
    }
    map.triggerRepaint();
  }

  function highlight(i) {
    if (map && map.getLayer("chosen")) map.setFilter("chosen", ["==", ["get", "i"], i === undefined ? -1 : i]);
  }

  function fly(i) {
    if (!map) return;
    const row = data.regions[i];
    const shapes = ["a", "b"].map((end) => data.shapes[end][row[`in_${end}`]]).filter(Boolean);
    const held = (latitude) => Math.max(-EDGE, Math.min(EDGE, latitude));
    const [[west, south], [east, north]] = frame.around(shapes.map((shape) => shape.bounds));
    map.fitBounds([[west, held(south)], [east, held(north)]], { padding: 70, maxZoom: 10, duration: frame.duration(900) });
  }

  /* -- the card --------------------------------------------------------------------------------- */

  function chosen() {
    const found = /^#region=(.*)$/.exec(location.hash);
    if (!found) return undefined;
    try { return numbers.get(decodeURIComponent(found[1])); } catch (failure) { return undefined; }
  }

  function choose(i) {
    const target = link(data.regions[i]);
    if (location.hash === target) follow(); else location.hash = target;
  }

  const fact = (label, a, b) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, a), el("td", { class: "number" }, b));
  const rank = (value) => (typeof value === "number" ? String(value) : MISSING);

  function flow(row, end, title) {
    if (row[`in_${end}`] < 0) return "";
    const other = end === "a" ? "B" : "A";
    const ways = [["same", `the same region in ${other}`], ["others", `other regions of ${other}`], ["none", `no region of ${other}`], ["absent", `records that ${other} has not`]];
    const known = ways.filter(([way]) => row[`${end}_${way}`] > 0);
    return [el("h4", {}, title), el("ul", { class: "plain-list" }, known.map(([way, words]) => el("li", {}, `${number(row[`${end}_${way}`], "share")} `, words)))];
  }

  function show(i) {
    const row = data.regions[i];
    const close = el("button", { type: "button", class: "close", on: { click: () => { history.replaceState(null, "", location.pathname + location.search + "#map-section"); follow(); } } }, "Close");
    panel.replaceChildren(...[
      el("header", {}, close, el("span", { class: "status fate" }, swatch(row.fate), row.fate), el("h3", {}, row.name), el("p", { class: "quiet" }, country(row.country))),
      el("p", {}, row.story),
      el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), el("th", { scope: "col", class: "number" }, "A"), el("th", { scope: "col", class: "number" }, "B"))),
        el("tbody", {}, fact("Weight", number(row.weight_a), number(row.weight_b)), fact("Verdict", row.status_a || MISSING, row.status_b || MISSING), fact("Rank", rank(row.rank_a), rank(row.rank_b)))),
      row.in_a >= 0 && row.in_b >= 0 ? el("p", { class: "small again" }, `Jaccard of members ${number(row.members)}, of ground ${number(row.ground)}`) : "",
      ...[flow(row, "a", "Of its weight in A"), flow(row, "b", "Of its weight in B")].flat(),
    ].filter(Boolean));
    panel.classList.add("open");
  }

  function overview() {
    const counts = FATES.map((fate) => [fate, data.regions.filter((row) => row.fate === fate).length]).filter(([, count]) => count);
    panel.classList.remove("open");
    panel.replaceChildren(el("h3", {}, "What changed"), el("dl", { class: "fates" }, counts.map(([fate, count]) =>
      el("div", {}, el("dt", {}, swatch(fate), `${count.toLocaleString("en")} ${fate}`), el("dd", { class: "quiet" }, data.fates[fate])))));
  }

  function follow() {
    const i = chosen();
    highlight(i);
    if (i === undefined) { overview(); find.value = ""; return; }
    show(i);
    fly(i);
    tables.mark(data.regions[i].id);
    find.value = data.regions[i].id;
    if (panel.offsetLeft <= 200) panel.scrollIntoView();
    else if (panel.getBoundingClientRect().top < 0 || panel.getBoundingClientRect().top > innerHeight * 0.5) document.getElementById("map-section").scrollIntoView();
    panel.focus({ preventScroll: true });
  }

  function fill() {
    for (const fate of FATES) {
      const rows = data.regions.filter((row) => row.fate === fate);
      if (!rows.length) continue;
      rows.sort((a, b) => a.name.localeCompare(b.name, "en"));
      find.append(el("optgroup", { label: fate }, rows.map((row) => el("option", { value: row.id }, [row.name, country(row.country)].filter(Boolean).join(", ")))));
      document.getElementById("fate-filter").append(box(`fate-${fate}`, (on) => { if (on) shown.fates.add(fate); else shown.fates.delete(fate); }, swatch(fate), fate, rows.length));
    }
    find.addEventListener("change", () => { if (find.value) choose(numbers.get(find.value)); });
    for (const end of ["a", "b"]) {
      const line = el("span", { class: `side-mark ${end}`, "aria-hidden": "true" });
      document.getElementById("side-filter").append(box(`side-${end}`, (on) => { shown[end] = on; }, line, `${end.toUpperCase()}: ${data.names[end]}`));
    }
  }

  function box(name, act, mark, words, count) {
    const input = el("input", { type: "checkbox", name });
    input.checked = true;
    input.addEventListener("change", () => { act(input.checked); filter(); });
    return el("label", {}, input, mark, words, count === undefined ? "" : el("span", { class: "quiet" }, count.toLocaleString("en")));
  }

  fill();
  tables.start();
  startMap();
  overview();
  if (chosen() !== undefined) follow();
  addEventListener("hashchange", follow);
})();
