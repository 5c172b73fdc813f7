"use strict";
/* The live map of a study: hover, click, filters, views, globe. */
geoclust.map = (() => {
  const { data, KINDS, STATUSES, el, counted, country, symbols, frame, layers, overlays, polar } = geoclust;
  const shown = { status: new Set(Object.keys(STATUSES)), kind: new Set(Object.values(KINDS).map((kind) => kind.name)) };
  const HOVER = ["record-icons", "record-dots", "stays", "ties", "region-symbols", "fill-cluster", "fill-quasi-cluster", "fill-none"];
  let map = null;
  let choose = () => {};
  let moved = () => {};

  /** All regions, or all records where there is no region. */
  function wholeBounds() {
    return frame.boundsOf(data.regions.length
      ? data.regions.filter((region) => !layers.polar(region)).map((region) => region.at)
      : data.records.x.map((x, i) => [x / 1e4, data.records.y[i] / 1e4]));
  }

  /** `onChoose` is told which region was clicked and whether to be compared; `onMove` that the reader moved the map. */
  function start(onChoose, onMove = () => {}) {
    choose = onChoose;
    moved = onMove;
    map = frame.open(layers.all()[0], wholeBounds());
    if (!map) return;
    frame.paint(map, picture, layers.all);
    map.on("load", fill);
    map.on("mousemove", hover);
    map.on("click", click);
    map.on("render", () => polar.draw(map, isGlobe(), shown.status, choose));
    map.on("moveend", (event) => { if (event.originalEvent) moved(); });
    document.getElementById("reset-view").addEventListener("click", () => { reset(); moved(); });
    document.getElementById("globe").addEventListener("click", () => { setGlobe(!isGlobe()); moved(); });
  }

  function project() {
    map.setProjection({ type: isGlobe() ? "globe" : "mercator" });
    applyFilters();
  }

  function fill() {
    for (const [id, source] of Object.entries(layers.sources())) map.addSource(id, source);
    for (const layer of layers.all().slice(1)) map.addLayer(layer);
    if (isGlobe()) project(); else applyFilters();
    frame.drawn(map);
  }

  const PICTURES = {
    region: (number) => symbols.label(data.regions[number].name, { bold: data.regions[number].status === "cluster" }),
    country: (number) => symbols.label(geoclust.countryNames[number], { quiet: true }),
  };

  function picture(id) {
    const [family, number] = id.split(/-(?=\d+$)/);
    if (number !== undefined) return PICTURES[family](Number(number));
    if (id === "hatch") return symbols.hatch();
    return symbols.draw(id, id in STATUSES ? 20 : 18);
  }

  /* -- hover and click ------------------------------------------------------------------ */

  function under(point) {
    const reach = 4;
    const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
    const found = map.queryRenderedFeatures(box, { layers: HOVER.filter((id) => map.getLayer(id)) });
    const symbol = found.find((one) => one.layer.id === "region-symbols");
    const records = found.filter((one) => one.layer.id === "record-icons" || one.layer.id === "stays" || (one.layer.id === "record-dots" && map.getZoom() > 4.5));
    const region = symbol || found.find((one) => one.layer.id.startsWith("fill-"));
    return { region: region ? region.properties.i : -1, piles: [...new Set(records.map((one) => one.properties.p))], symbol, tie: found.find((one) => one.layer.id === "ties") };
  }

  function hover(event) {
    const { region, piles, symbol, tie } = under(event.point);
    map.getCanvas().style.cursor = region >= 0 || piles.length ? "pointer" : "";
    if (tie && !symbol && !piles.length) { frame.showTip(event.point, overlays.tieTip(tie.properties.t)); return; }
    if (region < 0 && !piles.length) { frame.hideTip(); return; }
    const zoomedOut = symbol && map.getZoom() < 8;
    frame.showTip(event.point, [...(region >= 0 ? regionTip(region) : []), ...(zoomedOut ? [] : recordTip(piles))]);
  }

  function regionTip(number_) {
    const region = data.regions[number_];
    const rank = region.rank ? `, rank ${region.rank}` : "";
    const tier = region.tier ? `, tier ${region.tier}` : "";
    return [
      el("b", {}, region.name),
      el("div", {}, `${STATUSES[region.status].label}${tier}${rank}`),
      el("div", { class: "quiet" }, [country(region.country), counted(region.records, "record")].filter(Boolean).join(" \u00b7 ")),
    ];
  }

  function recordTip(piles) {
    return recordWords(piles.flatMap((pile) => geoclust.piles[pile]));
  }

  function recordWords(records) {
    const { name, kind, simulated } = data.records;
    const most = 6;
    const rows = records.slice(0, most).map((record) =>
      el("div", {}, name[record] || "(no name)", el("span", { class: "quiet" }, ` ${KINDS[kind[record]].name}${simulated[record] === "1" ? ", simulated" : ""}${overlays.staysWords(record)}`)));
    if (records.length > most) rows.push(el("div", { class: "quiet" }, `and ${(records.length - most).toLocaleString("en")} more here`));
    return rows;
  }

  function click(event) {
    const { region, piles } = under(event.point);
    if (region >= 0) choose(region, event.originalEvent.ctrlKey || event.originalEvent.metaKey);
    else if (piles.length) frame.showTip(event.point, recordTip(piles));
  }

  /* -- choosing, filtering, moving ------------------------------------------------------- */

  /** Outline one region, or two that are compared. */
  function highlight(a, b = -1) {
    if (map && map.getLayer("line-chosen")) {
      map.setFilter("line-chosen", ["==", ["get", "i"], a]);
      map.setFilter("line-other", ["==", ["get", "i"], b]);
      map.setPaintProperty("line-chosen", "line-color", layers.chosenColour(b >= 0));
      overlays.choose(a);
    }
    else if (map) map.once("idle", () => highlight(a, b));
  }

  /** To a region, or to several at once. */
  function fly(...numbers) {
    if (!map) return;
    const regions = numbers.map((number) => data.regions[number]);
    const [first] = regions;
    if (regions.length === 1 && layers.polar(first)) {
      setGlobe(true);
      map.easeTo({ center: [first.at[0], Math.sign(first.at[1]) * 84.5], zoom: 0.7, duration: frame.duration(900) });
      return;
    }
    const [[west, south], [east, north]] = frame.around(regions.map((region) => region.bounds));
    const held = (latitude) => Math.max(-layers.EDGE, Math.min(layers.EDGE, latitude));
    map.fitBounds([[west, held(south)], [east, held(north)]], { padding: 60, maxZoom: 10, duration: frame.duration(900) });
  }

  /** The view that shows some places. */
  function viewOf(points, maxZoom) {
    if (!map) return null;
    const { center, zoom } = map.cameraForBounds(frame.boundsOf(points), { padding: 60, maxZoom });
    return [...maplibregl.LngLat.convert(center).wrap().toArray(), zoom].map((part, place) => Number(part.toFixed(place < 2 ? 4 : 2)));
  }

  /** What stands at a place, as if pointed at, when the map has come to rest. */
  function point(at, record) {
    if (map) map.once("idle", () => frame.showTip(map.project(at), recordWords([record])));
  }

  function reset() {
    if (!map) return;
    setGlobe(false);
    frame.home(map, wholeBounds());
  }

  /** Longitude, latitude, zoom: as exact as a screen is. */
  function view() {
    if (!map) return null;
    const { lng, lat } = map.getCenter().wrap();
    return [Number(lng.toFixed(4)), Number(lat.toFixed(4)), Number(map.getZoom().toFixed(2))];
  }

  function look([longitude, latitude, zoom]) {
    if (map) map.jumpTo({ center: [longitude, latitude], zoom });
  }

  const isGlobe = () => document.getElementById("globe").getAttribute("aria-pressed") === "true";

  function setGlobe(on) {
    if (!map || isGlobe() === on) return;
    document.getElementById("globe").setAttribute("aria-pressed", String(on));
    frame.node.classList.toggle("globe", on);
    if (map.getLayer("region-symbols")) project();
  }

  function applyFilters() {
    if (!map || !map.getLayer("region-symbols")) return;
    const kinds = ["in", ["get", "kind"], ["literal", [...shown.kind]]];
    map.setFilter("record-dots", kinds);
    map.setFilter("record-icons", kinds);
    if (map.getLayer("stays")) map.setFilter("stays", ["all", kinds, [">=", ["get", "stays"], 0]]);
    const statuses = ["in", ["get", "status"], ["literal", [...shown.status]]];
    const inPlace = (filter) => (isGlobe() ? ["all", filter, ["!", ["get", "polar"]]] : filter);
    map.setFilter("region-symbols", inPlace(statuses));
    for (const status of Object.keys(STATUSES)) {
      const visibility = shown.status.has(status) ? "visible" : "none";
      map.setFilter(`names-${status}`, inPlace(["==", ["get", "status"], status]));
      for (const part of ["fill", "line", "names"]) map.setLayoutProperty(`${part}-${status}`, "visibility", visibility);
    }
    map.triggerRepaint();
  }

  function toggle(family, name, on) {
    if (on) shown[family].add(name); else shown[family].delete(name);
    applyFilters();
  }

  return { start, fly, point, view, viewOf, look, reset, highlight, toggle, setGlobe, isGlobe, get live() { return map; } };
})();
