"use strict";
/* The study as map sources and layers. */
geoclust.layers = (() => {
  const { data, outlines, KINDS, colour, overlays } = geoclust;
  const EDGE = 84.9;
  const ICONS_FROM = 6.5;

  const feature = (geometry, properties, id) => ({ type: "Feature", id, geometry, properties });
  const collection = (features) => ({ type: "FeatureCollection", features });
  const geojson = (features) => ({ type: "geojson", data: collection(features), tolerance: 0.2 });

  /** A region the flat map cannot show in its place. */
  const polar = (region) => Math.abs(region.at[1]) > EDGE;

  function properties(region, number) {
    return { i: number, status: region.status, weight: region.weight, order: number + (region.status === "cluster" ? 0 : 1e6) };
  }

  function regionSources() {
    const fills = [], lines = [], points = [];
    data.regions.forEach((region, number) => {
      const about = properties(region, number);
      if (!polar(region)) {
        fills.push(feature({ type: "MultiPolygon", coordinates: region.polygons }, about, number));
        lines.push(feature({ type: "MultiLineString", coordinates: region.outline }, about, number));
      }
      const at = [region.at[0], Math.max(-EDGE, Math.min(EDGE, region.at[1]))];
      points.push(feature({ type: "Point", coordinates: at }, { ...about, polar: polar(region) }, number));
    });
    return { fills: geojson(fills), lines: geojson(lines), points: geojson(points) };
  }

  /** Records of one kind at one place become one point that remembers which they are. */
  function recordPoints() {
    const { x, y, kind, region } = data.records;
    const piles = new Map();
    for (let record = 0; record < x.length; record += 1) {
      if (Math.abs(y[record]) > EDGE * 1e4) continue;
      const key = `${kind[record]}${x[record]},${y[record]}`;
      const pile = piles.get(key);
      if (pile) pile.push(record); else piles.set(key, [record]);
    }
    geoclust.piles = [...piles.values()];
    return geojson(geoclust.piles.map((pile, number) => {
      const first = pile[0];
      const about = { p: number, kind: KINDS[kind[first]].name, count: pile.length, i: region[first], stays: overlays.stayOf(pile) };
      return feature({ type: "Point", coordinates: [x[first] / 1e4, y[first] / 1e4] }, about);
    }));
  }

  function sources() {
    const { fills, lines, points } = regionSources();
    const named = outlines.features.filter((one) => one.properties.what === "label");
    named.forEach((one, number) => { one.properties.n = number; });
    const pick = (what) => ({ type: "geojson", data: outlines.features.find((one) => one.properties.what === what), tolerance: 0.3 });
    geoclust.countryNames = named.map((one) => one.properties.name);
    return { land: pick("land"), borders: pick("borders"), names: geojson(named), fills, lines, points, records: recordPoints(), ...overlays.sources() };
  }

  const has = (status) => ["==", ["get", "status"], status];
  const heaviest = Math.max(1, ...data.regions.map((region) => region.weight || 0));
  const bySize = (small, large) => ["interpolate", ["linear"], ["sqrt", ["/", ["get", "weight"], heaviest]], 0, small, 1, large];
  const pileSize = (base) => ["min", 2.4, ["*", base, ["+", 1, ["*", 0.22, ["ln", ["get", "count"]]]]]];

  function ground() {
    return [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("land"), "fill-antialias": false } },
      { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("border"), "line-width": ["interpolate", ["linear"], ["zoom"], 1, 0.5, 6, 1.2] } },
    ];
  }

  let paired = false;
  /** Of the outline of what is chosen: that of A where it is compared with B. */
  function chosenColour(pair) {
    paired = pair;
    return colour(pair ? "pair-a" : "ink");
  }

  function footprints() {
    const line = (id, status, name, minzoom, paint) => ({ id, type: "line", source: "lines", minzoom, filter: has(status), layout: { "line-join": "round" }, paint: { "line-color": colour(name), ...paint } });
    return [
      { id: "fill-cluster", type: "fill", source: "fills", filter: has("cluster"), paint: { "fill-color": colour("cluster"), "fill-opacity": 0.22, "fill-antialias": false } },
      { id: "fill-quasi-cluster", type: "fill", source: "fills", filter: has("quasi-cluster"), paint: { "fill-pattern": "hatch", "fill-opacity": 0.6, "fill-antialias": false } },
      { id: "fill-none", type: "fill", source: "fills", filter: has("none"), paint: { "fill-color": colour("none"), "fill-opacity": 0.08, "fill-antialias": false } },
      line("line-cluster", "cluster", "cluster", 4.5, { "line-width": 2 }),
      line("line-quasi-cluster", "quasi-cluster", "quasi", 5, { "line-width": 1.8, "line-dasharray": [4, 1.6] }),
      line("line-none", "none", "none", 6, { "line-width": 1.4, "line-dasharray": [1, 1.6] }),
      { id: "line-chosen", type: "line", source: "lines", filter: ["==", ["get", "i"], -1], paint: { "line-color": chosenColour(paired), "line-width": 3 } },
      { id: "line-other", type: "line", source: "lines", filter: ["==", ["get", "i"], -1], paint: { "line-color": colour("pair-b"), "line-width": 3, "line-dasharray": [2.2, 1.2] } },
    ];
  }

  function records() {
    const tint = ["match", ["get", "kind"], "firm", colour("firm"), "lab", colour("lab"), colour("patent")];
    const beside = ["match", ["get", "kind"], "firm", ["literal", [-9, 0]], "lab", ["literal", [9, 0]], ["literal", [0, 9]]];
    return [
      { id: "record-dots", type: "circle", source: "records", maxzoom: ICONS_FROM, paint: { "circle-color": tint, "circle-opacity": 0.5, "circle-radius": ["interpolate", ["linear"], ["zoom"], 0, 1, ICONS_FROM, 3] } },
      { id: "record-icons", type: "symbol", source: "records", minzoom: ICONS_FROM, layout: { "icon-image": ["get", "kind"], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-offset": beside, "icon-size": pileSize(0.55) } },
    ];
  }

  function names() {
    const text = (id, filter, extra) => ({ id, type: "symbol", source: "points", filter, layout: { "icon-image": ["concat", "region-", ["to-string", ["get", "i"]]], "icon-anchor": "left", "icon-offset": [10, 0], "symbol-sort-key": ["get", "order"], "icon-padding": 1 }, ...extra });
    return [
      { id: "country-names", type: "symbol", source: "names", minzoom: 1.8, layout: { "icon-image": ["concat", "country-", ["to-string", ["get", "n"]]], "symbol-sort-key": ["get", "n"], "icon-padding": 6 } },
      { id: "region-symbols", type: "symbol", source: "points", layout: { "icon-image": ["get", "status"], "icon-allow-overlap": true, "icon-size": bySize(0.55, 1.35), "symbol-sort-key": ["-", 0, ["get", "order"]] }, paint: { "icon-opacity": ["interpolate", ["linear"], ["zoom"], 8, 1, 9.5, 0.25] } },
      text("names-none", has("none"), { minzoom: data.regions.length > 60 ? 6 : 2 }),
      text("names-quasi-cluster", has("quasi-cluster"), { minzoom: data.regions.length > 60 ? 2.5 : 0 }),
      text("names-cluster", has("cluster"), {}),
    ];
  }

  const all = () => [...ground(), ...footprints(), ...overlays.lines(), ...records(), ...overlays.dots(), ...names()];
  return { sources, all, polar, collection, chosenColour, EDGE };
})();
