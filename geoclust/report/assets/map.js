"use strict";
/* The live map: MapLibre with no address in its style; hover, click, filters, globe, reset. */
geoclust.map = (() => {
  const { data, KINDS, STATUSES, el, counted, country, symbols, layers, overlays } = geoclust;
  const frame = document.querySelector(".map-frame");
  const tip = document.getElementById("tip");
  const shown = { status: new Set(Object.keys(STATUSES)), kind: new Set(Object.values(KINDS).map((kind) => kind.name)) };
  const HOVER = ["record-icons", "record-dots", "stays", "ties", "region-symbols", "fill-cluster", "fill-quasi-cluster", "fill-none"];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let map = null;
  let choose = () => {};

  /** The narrowest box round all regions (or records), over the antimeridian if that is narrower. */
  function wholeBounds() {
    const points = data.regions.length
      ? data.regions.filter((region) => !layers.polar(region)).map((region) => region.at)
      : data.records.x.map((x, i) => [x / 1e4, data.records.y[i] / 1e4]);
    if (!points.length) return [[-150, -56], [170, 74]];
    const east = [...new Set(points.map((point) => point[0]))].sort((a, b) => a - b);
    let start = 0, widest = east[0] + 360 - east[east.length - 1];
    east.forEach((x, i) => { if (i && x - east[i - 1] > widest) { widest = x - east[i - 1]; start = i; } });
    const west = east[start];
    const span = 360 - widest;
    const north = points.map((point) => point[1]);
    if (span > 250) return [[-150, -56], [170, 74]];
    return [[west - 0.2, Math.min(...north) - 0.2], [west + span + 0.2, Math.max(...north) + 0.2]];
  }

  function start(onChoose) {
    choose = onChoose;
    try {
      map = new maplibregl.Map({
        container: "map",
        style: { version: 8, sources: {}, layers: [layers.all()[0]] },
        bounds: wholeBounds(),
        fitBoundsOptions: { padding: 40, maxZoom: 9 },
        cooperativeGestures: true,
        attributionControl: false,
        dragRotate: false,
        maxPitch: 0,
        maxZoom: 15,
        canvasContextAttributes: { preserveDrawingBuffer: true },
      });
    } catch (failure) {
      frame.classList.add("map-off");
      document.getElementById("map-failure").hidden = false;
      return;
    }
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
    map.addControl(new maplibregl.AttributionControl({ compact: false, customAttribution: "Outlines: Natural Earth" }), "bottom-right");
    map.on("styleimagemissing", ({ id }) => addImage(id));
    map.on("load", fill);
    map.on("mousemove", hover);
    map.on("mouseout", hideTip);
    map.on("movestart", hideTip);
    map.on("click", click);
    map.on("render", drawPolar);
    dark.addEventListener("change", recolour);
    document.getElementById("reset-view").addEventListener("click", reset);
    document.getElementById("globe").addEventListener("click", () => setGlobe(!isGlobe()));
  }

  function fill() {
    for (const [id, source] of Object.entries(layers.sources())) map.addSource(id, source);
    for (const layer of layers.all().slice(1)) map.addLayer(layer);
    applyFilters();
    map.once("idle", () => { frame.dataset.drawn = "true"; });
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

  function addImage(id) {
    if (!map.hasImage(id)) map.addImage(id, symbols.pixels(picture(id)), { pixelRatio: symbols.SCALE });
  }

  function recolour() {
    for (const id of map.listImages()) map.updateImage(id, symbols.pixels(picture(id)));
    for (const layer of layers.all()) {
      for (const [name, value] of Object.entries(layer.paint || {})) {
        if (map.getLayer(layer.id)) map.setPaintProperty(layer.id, name, value);
      }
    }
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
    if (tie && !symbol && !piles.length) { showTip(event.point, overlays.tieTip(tie.properties.t)); return; }
    if (region < 0 && !piles.length) { hideTip(); return; }
    const zoomedOut = symbol && map.getZoom() < 8;
    showTip(event.point, [...(region >= 0 ? regionTip(region) : []), ...(zoomedOut ? [] : recordTip(piles))]);
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
    const { name, kind, simulated } = data.records;
    const records = piles.flatMap((pile) => geoclust.piles[pile]);
    const most = 6;
    const rows = records.slice(0, most).map((record) =>
      el("div", {}, name[record] || "(no name)", el("span", { class: "quiet" }, ` ${KINDS[kind[record]].name}${simulated[record] === "1" ? ", simulated" : ""}${overlays.staysWords(record)}`)));
    if (records.length > most) rows.push(el("div", { class: "quiet" }, `and ${(records.length - most).toLocaleString("en")} more here`));
    return rows;
  }

  function showTip(point, content) {
    if (!content.length) { hideTip(); return; }
    tip.replaceChildren(...content);
    tip.hidden = false;
    const left = Math.min(point.x + 14, frame.clientWidth - tip.offsetWidth - 8);
    const top = point.y + 18 + tip.offsetHeight > frame.clientHeight ? point.y - tip.offsetHeight - 12 : point.y + 18;
    tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  function hideTip() { tip.hidden = true; }

  function click(event) {
    const { region, piles } = under(event.point);
    if (region >= 0) choose(region);
    else if (piles.length) showTip(event.point, recordTip(piles));
  }

  /* -- choosing, filtering, moving ------------------------------------------------------- */

  function highlight(number_) {
    if (map && map.getLayer("line-chosen")) {
      map.setFilter("line-chosen", ["==", ["get", "i"], number_]);
      overlays.choose(number_);
    }
    else if (map) map.once("idle", () => highlight(number_));
  }

  function fly(number_) {
    if (!map) return;
    const region = data.regions[number_];
    const [west, south, east, north] = region.bounds;
    const duration = still.matches ? 0 : 900;
    if (layers.polar(region)) {
      setGlobe(true);
      map.easeTo({ center: [region.at[0], Math.sign(region.at[1]) * 84.5], zoom: 0.7, duration });
      return;
    }
    map.fitBounds([[west, south], [east, north]], { padding: 60, maxZoom: 10, duration });
  }

  function reset() {
    setGlobe(false);
    map.fitBounds(wholeBounds(), { padding: 40, maxZoom: 9, duration: still.matches ? 0 : 600 });
  }

  const isGlobe = () => document.getElementById("globe").getAttribute("aria-pressed") === "true";

  function setGlobe(on) {
    if (isGlobe() === on) return;
    document.getElementById("globe").setAttribute("aria-pressed", String(on));
    frame.classList.toggle("globe", on);
    map.setProjection({ type: on ? "globe" : "mercator" });
    applyFilters();
  }

  function applyFilters() {
    if (!map.getLayer("region-symbols")) return;
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
    if (map) applyFilters();
  }

  /* -- regions round a pole: beyond the flat map's edge, so drawn over the globe ---------- */

  const SVG = "http://www.w3.org/2000/svg";
  const polarRegions = data.regions.map((region, i) => [region, i]).filter(([region]) => layers.polar(region));
  let sheet = null;

  function drawPolar() {
    if (!polarRegions.length) return;
    if (!sheet) sheet = polarSheet();
    const visible = isGlobe() && map.getZoom() < 9;
    sheet.style.display = visible ? "" : "none";
    if (!visible) return;
    polarRegions.forEach(([region, i], n) => {
      const group = sheet.childNodes[n];
      const hidden = !shown.status.has(region.status) || map.transform.isLocationOccluded(new maplibregl.LngLat(region.at[0], region.at[1]));
      group.style.display = hidden ? "none" : "";
      if (hidden) return;
      const at = map.project(region.at);
      group.childNodes[0].setAttribute("d", path(region.outline));
      group.childNodes[1].setAttribute("transform", `translate(${at.x} ${at.y})`);
    });
  }

  const path = (lines) => lines.map((line) =>
    `M${line.map((point) => { const at = map.project(point); return `${at.x.toFixed(1)} ${at.y.toFixed(1)}`; }).join("L")}`).join("");

  function polarSheet() {
    const node = (tag, attributes, ...children) => {
      const made = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.append(...children);
      return made;
    };
    const made = node("svg", { class: "polar", "aria-hidden": "true" });
    polarRegions.forEach(([region, i]) => {
      const mark = node("g", {}, node("circle", { r: 7 }), node("text", { x: 11, y: 4 }, region.name));
      const group = node("g", { class: `polar-region ${region.status}` }, node("path", {}), mark);
      group.addEventListener("click", () => choose(i));
      made.append(group);
    });
    map.getCanvasContainer().append(made);
    return made;
  }

  return { start, fly, highlight, toggle, get live() { return map; } };
})();
