"use strict";
/* What the map shows on request: ties between regions; how firmly records belong. */
geoclust.overlays = (() => {
  const { data, el, number, counted, colour, unfold } = geoclust;
  const { ties } = data;
  const stays = data.records.stays;
  const on = { ties: false, stays: false };

  const STEADY = [
    { from: 95, name: "stay-4", words: "95\u202f% or more" },
    { from: 75, name: "stay-3", words: "75 to 95\u202f%" },
    { from: 50, name: "stay-2", words: "50 to 75\u202f%" },
    { from: 0, name: "stay-1", words: "less than half" },
  ];

  function tieLines() {
    const strongest = Math.max(...ties.map((tie) => tie[2]));
    const features = ties.map(([a, b, weight, pairs, lines], number_) => ({
      type: "Feature", id: number_,
      properties: { t: number_, a, b, share: Math.sqrt(weight / strongest), pairs },
      geometry: { type: "MultiLineString", coordinates: lines.map(unfold) },
    }));
    return { type: "geojson", data: { type: "FeatureCollection", features }, tolerance: 0.1 };
  }

  const sources = () => (ties.length ? { ties: tieLines() } : {});

  const wide = (thin, thick) => ["interpolate", ["linear"], ["get", "share"], 0, thin, 1, thick];
  const shownIf = (flag) => ({ visibility: flag ? "visible" : "none" });

  function lines() {
    if (!ties.length) return [];
    const layout = () => ({ "line-cap": "round", "line-join": "round", ...shownIf(on.ties) });
    return [
      { id: "ties", type: "line", source: "ties", layout: layout(), paint: { "line-color": colour("tie"), "line-opacity": 0.5, "line-width": wide(0.6, 7) } },
      { id: "ties-chosen", type: "line", source: "ties", layout: layout(), filter: ["==", ["get", "a"], -1], paint: { "line-color": colour("tie"), "line-opacity": 0.95, "line-width": wide(1.4, 8) } },
    ];
  }

  function dots() {
    if (!stays) return [];
    const tint = ["step", ["get", "stays"], colour("stay-1"), 50, colour("stay-2"), 75, colour("stay-3"), 95, colour("stay-4")];
    const size = (base) => ["step", ["get", "stays"], base * 1.9, 50, base * 1.5, 75, base * 1.2, 95, base];
    return [{
      id: "stays", type: "circle", source: "records", layout: shownIf(on.stays), filter: [">=", ["get", "stays"], 0],
      paint: {
        "circle-color": tint, "circle-stroke-color": colour("halo"), "circle-stroke-width": 0.7,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 0, size(1.8), 7, size(4), 12, size(6)],
      },
    }];
  }

  /** Of 100 draws, in how many the records of a pile stay where they are; -1 where none was drawn. */
  function stayOf(pile) {
    if (!stays) return -1;
    const known = pile.map((record) => stays[record]).filter((share) => share >= 0);
    return known.length ? known.reduce((sum, share) => sum + share, 0) / known.length : -1;
  }

  const staysWords = (record) => (on.stays && stays && stays[record] >= 0 ? `, stays in ${stays[record]}\u202f% of draws` : "");

  function toggle(name, value) {
    on[name] = value;
    const map = geoclust.map.live;
    document.getElementById("stays-key")?.toggleAttribute("hidden", !on.stays);
    document.getElementById("ties-note")?.toggleAttribute("hidden", !on.ties);
    if (!map || !map.getLayer("land")) return;
    const set = (id, flag) => { if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", flag ? "visible" : "none"); };
    set("ties", on.ties);
    set("ties-chosen", on.ties);
    set("stays", on.stays);
    set("record-dots", !on.stays);
    set("record-icons", !on.stays);
    map.triggerRepaint();
  }

  function choose(region) {
    const map = geoclust.map.live;
    if (!map || !map.getLayer("ties-chosen")) return;
    map.setFilter("ties-chosen", ["any", ["==", ["get", "a"], region], ["==", ["get", "b"], region]]);
    map.setPaintProperty("ties", "line-opacity", region >= 0 ? 0.22 : 0.5);
  }

  function tieTip(tie) {
    const [a, b, weight, pairs] = ties[tie];
    return [el("b", {}, `${data.regions[a].name} \u2013 ${data.regions[b].name}`),
      el("div", { class: "quiet" }, `${counted(pairs, "tied pair")}, weight ${number(weight)}`)];
  }

  function box(name, words, note, act) {
    const input = el("input", { type: "checkbox", name: `overlay-${name}` });
    input.addEventListener("change", () => act(name, input.checked));
    return el("label", {}, input, words, note ? el("span", { class: "quiet" }, note) : "");
  }

  /** Boxes under the map, and what the colours mean; `act` is told what was asked for. */
  function offer(fieldset, act) {
    const boxes = [];
    if (ties.length) boxes.push(box("ties", "Ties between regions", ties.length.toLocaleString("en"), act));
    if (stays) boxes.push(box("stays", "How firmly records belong", "", act));
    if (!boxes.length) { fieldset.hidden = true; return; }
    fieldset.append(...boxes);
    const notes = [];
    if (ties.length) notes.push(el("p", { id: "ties-note", class: "small", hidden: "" }, data.ties_words));
    if (stays) notes.push(key());
    fieldset.parentNode.after(...notes);
  }

  function key() {
    const items = STEADY.map(({ name, words }) => {
      const swatch = el("span", { class: `steady ${name}`, "aria-hidden": "true" });
      return el("li", {}, swatch, words);
    });
    return el("div", { id: "stays-key", class: "small", hidden: "" },
      el("p", {}, "Share of the draws in which a record stays with its region, or in none; the mean of those at one place. Large and orange: its region depends on the choices made."),
      el("ul", { class: "key" }, items));
  }

  return { sources, lines, dots, stayOf, staysWords, choose, tieTip, offer, toggle, on };
})();
