"use strict";
/* Search: regions, organisations, places and countries, by name or code, from the keyboard.
   A combobox as the ARIA Authoring Practices describe it. */
geoclust.search = (() => {
  const { data, KINDS, STATUSES, el, counted, country, fold, announce, symbols } = geoclust;
  const field = document.getElementById("search");
  const list = document.getElementById("search-list");
  const MOST = 7;
  const GROUPS = { region: "Regions", record: "Organisations and patents", town: "Places", country: "Countries" };
  let index = null;
  let shown = [];
  let active = -1;
  let choose = () => {};

  /** Ids of the records, in their order. */
  const ids = (() => {
    let known = null;
    return () => {
      if (known) return known;
      let before = "";
      known = data.records.id.map((one) => {
        before = before.slice(0, parseInt(one[0], 36)) + one.slice(1);
        return before;
      });
      return known;
    };
  })();

  /** Everything one can look for, made when first asked for. */
  function entries() {
    if (index) return index;
    const { name } = data.records;
    const codes = ids();
    const entry = (kind, number, label, code) => ({ kind, number, label: fold(label), code: fold(code) });
    index = [
      ...data.regions.map((region, i) => entry("region", i, region.name, `${region.id} ${region.countries.join(" ")}`)),
      ...name.map((label, i) => entry("record", i, label, codes[i] || "")).filter((one) => one.label || one.code),
      ...(data.records.towns || []).map(([label, code], i) => entry("town", i, label, code)).filter((one) => one.label),
      ...Object.entries(data.countries).map(([code, label]) => entry("country", code, label, code)),
    ];
    return index;
  }

  /** How well an entry fits, best 0; -1 where it does not. */
  function fit(one, words, whole) {
    for (const word of words) if (!one.label.includes(word) && !one.code.includes(word)) return -1;
    if (one.label === whole || one.code === whole) return 0;
    if (one.label.startsWith(whole)) return 1;
    if (one.label.includes(` ${whole}`) || one.code.startsWith(whole)) return 2;
    return one.label.includes(whole) ? 3 : 4;
  }

  function find(text) {
    const whole = fold(text.trim());
    if (!whole) return data.regions.slice(0, MOST).map((_, number) => ({ kind: "region", number }));
    const words = whole.split(/\s+/);
    const groups = new Map(Object.keys(GROUPS).map((kind) => [kind, []]));
    for (const one of entries()) {
      const rank = fit(one, words, whole);
      if (rank >= 0) groups.get(one.kind).push([rank, one]);
    }
    return [...groups.values()].flatMap((found) => {
      const best = found.sort((a, b) => a[0] - b[0]).slice(0, MOST).map(([, one]) => one);
      return best.map((one) => ({ ...one, more: found.length - best.length }));
    });
  }

  /** What an entry is called, and what else to say of it. */
  function words(one) {
    if (one.kind === "region") {
      const region = data.regions[one.number];
      const rank = region.rank ? `rank ${region.rank}` : "";
      return [region.name, [country(region.country), STATUSES[region.status].label, rank]];
    }
    if (one.kind === "record") {
      const home = data.records.region[one.number];
      const where = home >= 0 ? data.regions[home].name : "in no region";
      return [data.records.name[one.number] || ids()[one.number], [KINDS[data.records.kind[one.number]].name, where]];
    }
    if (one.kind === "town") {
      const [name, code] = data.records.towns[one.number];
      return [name, [country(code)]];
    }
    const count = data.regions.filter((region) => region.country === one.number).length;
    return [country(one.number), [one.number, counted(count, "region")]];
  }

  function option(one, place) {
    const [name, beside] = words(one);
    const mark = one.kind === "region" ? symbols.swatch(data.regions[one.number].status)
      : one.kind === "record" ? symbols.swatch(KINDS[data.records.kind[one.number]].name) : "";
    return el("div", { role: "option", id: `search-${place}`, "aria-selected": "false", on: { click: () => take(place) } },
      mark, el("span", {}, name, " ", el("span", { class: "quiet" }, beside.filter(Boolean).join(" \u00b7 "))));
  }

  function show() {
    shown = find(field.value);
    active = -1;
    const groups = Object.entries(GROUPS).map(([kind, title]) => {
      const own = shown.map((one, place) => [one, place]).filter(([one]) => one.kind === kind);
      if (!own.length) return null;
      const { more } = own[0][0];
      const head = `${title}${more ? `, the first ${own.length} of ${(own.length + more).toLocaleString("en")}` : ""}`;
      return el("div", { role: "group", "aria-label": head },
        el("div", { class: "group-head", "aria-hidden": "true" }, head), own.map(([one, place]) => option(one, place)));
    });
    list.replaceChildren(...groups.filter(Boolean));
    if (!shown.length) list.append(el("div", { class: "nothing", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing of that name or code"));
    open(true);
    if (field.value.trim()) announce(shown.length ? `${counted(shown.length, "result")}, arrow keys to choose` : "Nothing found");
  }

  function open(on) {
    list.hidden = !on;
    field.setAttribute("aria-expanded", String(on));
    if (!on) { active = -1; field.removeAttribute("aria-activedescendant"); }
  }

  function move(step) {
    if (list.hidden) show();
    if (!shown.length) return;
    if (active >= 0) document.getElementById(`search-${active}`).setAttribute("aria-selected", "false");
    active = (active + step + shown.length) % shown.length;
    const node = document.getElementById(`search-${active}`);
    node.setAttribute("aria-selected", "true");
    node.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", node.id);
  }

  function take(place) {
    const one = shown[place];
    if (!one) return;
    field.value = "";
    open(false);
    choose(one);
  }

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => { if (!list.hidden) take(Math.max(active, 0)); },
    Escape: () => { if (list.hidden) field.value = ""; open(false); },
  };

  function start(onChoose) {
    choose = onChoose;
    field.addEventListener("input", show);
    field.addEventListener("click", show);
    field.addEventListener("blur", () => open(false));
    field.addEventListener("keydown", (event) => {
      if (!KEYS[event.key]) return;
      event.preventDefault();
      KEYS[event.key]();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.focus();
      field.select();
      field.closest(".map-bar").scrollIntoView({ block: "nearest" });
    });
  }

  /** The record of an id, -1 where there is none. */
  const recordOf = (id) => (id ? ids().indexOf(id) : -1);

  const name = (one) => words(one)[0];
  return { start, recordOf, ids, name };
})();
