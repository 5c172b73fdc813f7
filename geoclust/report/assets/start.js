"use strict";
/* Joins the parts.  There is one state of the page, and the address after # says it: whatever one
   chooses becomes an address first, and an address that is opened becomes the same state. */
(() => {
  const { data, KINDS, STATUSES, el, counted, announce, symbols, address, search, card, pair, map, overlays, tables } = geoclust;
  const picking = document.getElementById("picking");
  const told = document.getElementById("told");
  const section = document.getElementById("map-section");
  let state = address.nothing();
  let first = -1;
  let opener = null;

  /* -- what one can do -------------------------------------------------------------------- */

  /** Open a region; or make it the second of a pair, where one is being chosen or asked for. */
  function choose(number, second = false) {
    const other = first >= 0 ? first : second ? state.region : -1;
    if (other >= 0 && other !== number) { go({ ...here(), region: other, other: number, found: "", view: null }); return; }
    go({ ...here(), region: number, other: -1, found: "", view: null });
  }

  /** Begin a comparison, or end it with the second region. */
  function compare(number) {
    if (first >= 0) { choose(number); return; }
    first = number;
    picking.firstElementChild.replaceChildren("Compare ", el("b", {}, data.regions[number].name), " with: choose a second region in a table, on the map or by search (/).");
    picking.hidden = false;
    announce(picking.firstElementChild.textContent);
  }

  function cancel() {
    first = -1;
    picking.hidden = true;
  }

  const acts = {
    compare,
    close: () => go({ ...here(), region: -1, other: -1, found: "", view: map.view() }),
    swap: () => go({ ...here(), region: state.other, other: state.region }),
    link: () => (address.framed ? "" : el("button", { type: "button", on: { click: (event) => copy(event.currentTarget) } }, "Copy link")),
  };
  const pairActs = { ...acts, close: () => go({ ...here(), other: -1 }) };

  async function copy(button) {
    const text = address.whole(state);
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Link copied";
      announce("Link copied");
    } catch (failure) {
      const field = el("input", { readonly: "", class: "address", "aria-label": "Address of what is shown", value: text });
      button.replaceWith(field);
      field.select();
    }
  }

  /** What search found: a region, a record, a place or a country. */
  function found(one) {
    const { x, y, region } = data.records;
    const at = (record) => [x[record] / 1e4, y[record] / 1e4];
    if (one.kind === "region") choose(one.number);
    else if (one.kind === "record" && first >= 0 && region[one.number] >= 0) choose(region[one.number]);
    else if (one.kind === "record") go({ ...here(), region: region[one.number], other: -1, found: search.ids()[one.number] || "", view: map.viewOf([at(one.number)], 11) });
    else if (one.kind === "town") town(one.number, at);
    else {
      const own = data.regions.filter((each) => each.country === one.number);
      if (own.length) go({ ...here(), region: -1, other: -1, found: "", view: map.viewOf(own.map((each) => each.at), 8) });
      tell(`${search.name(one)}: ${counted(own.length, "region")}.`);
    }
  }

  /** Of a place: the region that most of its records are in. */
  function town(number, at) {
    const records = data.records.place.flatMap((home, record) => (home === number ? [record] : []));
    const homes = new Map();
    for (const record of records) homes.set(data.records.region[record], (homes.get(data.records.region[record]) || 0) + 1);
    const [home, count] = [...homes].sort((a, b) => b[1] - a[1])[0];
    if (home >= 0 && first >= 0) { choose(home); return; }
    go({ ...here(), region: home, other: -1, found: "", view: map.viewOf(records.map(at), 10) });
    tell(`${search.name({ kind: "town", number })}: ${counted(records.length, "record")}, ${count === records.length ? (count > 1 ? "all" : "it lies") : `${count.toLocaleString("en")} of them`} in ${home >= 0 ? data.regions[home].name : "no region"}.`);
  }

  function tell(text) {
    told.textContent = text;
    told.hidden = !text;
  }

  /* -- the state --------------------------------------------------------------------------- */

  const here = () => ({ ...state, globe: map.isGlobe() });
  const place = ({ region, other, found: record, view }) => JSON.stringify([region, other, record, view]);

  function go(next) {
    opener = document.activeElement;
    apply(next, true);
    address.go(next);
  }

  /** The address changed: by going back or forward, by a link, by hand. */
  function follow() {
    const next = address.read();
    if (next !== undefined && address.written(next) !== address.written(state)) apply(next, false);
  }

  function apply(next, asked) {
    const before = state;
    state = next;
    cancel();
    filters();
    if (place(next) === place(before) && !asked) { map.setGlobe(next.globe); return; }
    tell("");
    const chosen = [next.region, next.other].filter((number) => number >= 0);
    panels(chosen);
    map.highlight(next.region, next.other);
    tables.mark(...chosen.map((number) => data.regions[number].id));
    if (place(next) !== place(before)) lookAt(next, chosen);
    record(next);
    if (chosen.length && (asked || next.region !== before.region || next.other !== before.other)) attend(next);
    else if (before.region >= 0 && !chosen.length) letGo();
  }

  function panels(chosen) {
    if (chosen.length) card.show(chosen[0], acts); else card.overview();
    if (chosen.length === 2) pair.show(...chosen, pairActs); else pair.hide();
  }

  function lookAt(next, chosen) {
    map.setGlobe(next.globe);
    if (next.view) map.look(next.view);
    else if (chosen.length) map.fly(...chosen);
    else map.reset();
  }

  function record(next) {
    const number = search.recordOf(next.found);
    if (number < 0) return;
    const { name, kind, region, x, y } = data.records;
    const home = region[number] >= 0 ? `in ${data.regions[region[number]].name}` : "in no region";
    tell(`${name[number] || next.found}: ${KINDS[kind[number]].name} ${home}.`);
    map.point([x[number] / 1e4, y[number] / 1e4], number);
  }

  /** Bring what was chosen before the reader, and say it. */
  function attend(next) {
    const [a, b] = [next.region, next.other].map((number) => (number >= 0 ? data.regions[number].name : ""));
    const panel = next.other >= 0 ? pair.panel : card.panel;
    if (next.other >= 0 || card.panel.offsetLeft <= 200) panel.scrollIntoView();
    else if (!inView(card.panel)) section.scrollIntoView();
    panel.focus({ preventScroll: true });
    announce(b ? `${a} beside ${b}` : `Card of ${a} open`);
  }

  function inView(node) {
    const box = node.getBoundingClientRect();
    return box.top < innerHeight * 0.35 && box.bottom > innerHeight * 0.6;
  }

  function letGo() {
    announce("Card closed");
    if (opener && opener.isConnected && !card.panel.contains(opener)) opener.focus({ preventScroll: true });
    else card.panel.focus({ preventScroll: true });
  }

  /* -- filters ------------------------------------------------------------------------------ */

  const boxes = [];

  /** The boxes under the map and the map itself, as the state says. */
  function filters() {
    for (const { input, family, name } of boxes) {
      input.checked = !state.hidden.has(name);
      map.toggle(family, name, input.checked);
    }
    for (const name of Object.keys(overlays.on)) {
      const input = document.querySelector(`input[name=overlay-${name}]`);
      if (input) input.checked = state.also.has(name);
      overlays.toggle(name, state.also.has(name));
    }
  }

  /** A set with a name in it or out of it. */
  function turned(set, name, within) {
    const next = new Set(set);
    if (within) next.add(name); else next.delete(name);
    return next;
  }

  function filter(next, words) {
    state = next;
    filters();
    address.go(state);
    announce(words);
  }

  function fillFilters() {
    const box = (family, name, words, count) => {
      const input = el("input", { type: "checkbox", name: `${family}-${name}` });
      input.checked = true;
      input.addEventListener("change", () => filter({ ...here(), hidden: turned(state.hidden, name, !input.checked) }, `${words} ${input.checked ? "shown" : "hidden"} on the map`));
      boxes.push({ input, family, name });
      return el("label", {}, input, symbols.swatch(name), words, el("span", { class: "quiet" }, count.toLocaleString("en")));
    };
    const regions = (status) => data.regions.filter((region) => region.status === status).length;
    const counts = {};
    for (const letter of data.records.kind) counts[letter] = (counts[letter] || 0) + 1;
    document.getElementById("status-filter").append(...Object.entries(STATUSES).map(([status, words]) => box("status", status, words.plural, regions(status))));
    document.getElementById("kind-filter").append(...Object.entries(KINDS).filter(([letter]) => counts[letter]).map(([letter, kind]) => box("kind", kind.name, kind.plural, counts[letter])));
    if (data.unnamed) document.querySelector(".legend").after(el("p", { class: "small" }, data.unnamed));
    overlays.offer(document.getElementById("overlay-filter"), (name, on) =>
      filter({ ...here(), also: turned(state.also, name, on) }, `${name === "ties" ? "Ties" : "How firmly records belong"} ${on ? "shown" : "hidden"} on the map`));
  }

  /** Links to regions keep what else is shown; in a notebook's frame no address may leave it. */
  function followLink(event) {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const next = address.read(link.getAttribute("href"));
    if (next === undefined && !address.framed) return;
    event.preventDefault();
    if (next === undefined) document.querySelector(link.getAttribute("href"))?.scrollIntoView();
    else if (next.other >= 0) go({ ...here(), region: next.region, other: next.other, found: "", view: null });
    else if (next.region >= 0) choose(next.region);
  }

  /** The reader moved the map: the address says so, without a step to go back. */
  function moved() {
    state = { ...here(), view: map.view() };
    address.note(state);
  }

  fillFilters();
  search.start(found);
  tables.start(compare);
  map.start(choose, moved);
  card.overview();
  picking.lastElementChild.addEventListener("click", cancel);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && first >= 0) { cancel(); announce("Comparison cancelled"); } });
  addEventListener("hashchange", follow);
  document.addEventListener("click", followLink);
  if (location.hash) follow();
  geoclust.choose = choose;
})();
