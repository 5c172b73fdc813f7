"use strict";
/* The state of the page as its address after #, so that any of it can be linked to and gone back
   to: region, pair, found record, what is hidden, what is shown besides, view. */
geoclust.address = (() => {
  const { data, numbers, KINDS, STATUSES } = geoclust;
  const ALL = "#show=all";
  const HIDABLE = new Set([...Object.keys(STATUSES), ...Object.values(KINDS).map((kind) => kind.name)]);
  const OVERLAYS = new Set(["ties", "stays"]);
  const framed = location.protocol === "about:";

  const nothing = () => ({ region: -1, other: -1, found: "", hidden: new Set(), also: new Set(), view: null, globe: false });

  /** Decoded parts of an address; what cannot be decoded counts as not said. */
  function parts(text) {
    const found = new Map();
    for (const part of text.split("&")) {
      const at = part.indexOf("=");
      if (at < 1) continue;
      try { found.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1))); } catch (failure) { continue; }
    }
    return found;
  }

  const listed = (text, known) => new Set((text || "").split(",").filter((name) => known.has(name)));

  function viewOf(text) {
    const view = (text || "").split(",").map(Number);
    const [longitude, latitude, zoom] = view;
    const sound = text && view.length === 3 && view.every(Number.isFinite)
      && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90 && zoom >= -2 && zoom <= 22;
    return sound ? view : null;
  }

  /** The state an address means; undefined where it only names a section of the page. */
  function read(hash = location.hash) {
    if (hash && !hash.includes("=")) return undefined;
    const said = parts(hash.slice(1));
    const known = (name) => (said.has(name) && numbers.has(said.get(name)) ? numbers.get(said.get(name)) : -1);
    const region = known("region");
    const other = region >= 0 && known("with") !== region ? known("with") : -1;
    return {
      ...nothing(), region, other,
      found: said.get("record") || "",
      hidden: listed(said.get("hide"), HIDABLE),
      also: listed(said.get("also"), OVERLAYS),
      view: viewOf(said.get("view")),
      globe: said.get("globe") === "1",
    };
  }

  function written(state) {
    const said = [];
    const say = (name, text) => { if (text) said.push(`${name}=${text}`); };
    const id = (number) => (number >= 0 ? encodeURIComponent(data.regions[number].id) : "");
    say("region", id(state.region));
    say("with", id(state.other));
    say("record", encodeURIComponent(state.found));
    say("hide", [...state.hidden].sort().join(","));
    say("also", [...state.also].sort().join(","));
    say("view", state.view ? state.view.join(",") : "");
    say("globe", state.globe ? "1" : "");
    return said.length ? `#${said.join("&")}` : ALL;
  }

  /** A step one can go back from. */
  function go(state) {
    const target = written(state);
    if (location.hash !== target) location.hash = target;
  }

  /** The same step, said more exactly. */
  function note(state) {
    if (!framed) history.replaceState(null, "", written(state));
  }

  /** The whole address of a state, to hand on. */
  const whole = (state) => new URL(written(state), location.href).href;

  return { read, written, whole, go, note, nothing, framed };
})();
