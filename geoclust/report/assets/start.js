"use strict";
/* Joins the parts: the address after # names the chosen region, so that a card can be linked to. */
(() => {
  const { data, numbers, KINDS, STATUSES, el, country, link, symbols, card, map, overlays, tables } = geoclust;
  const find = document.getElementById("find");

  function chosen() {
    const found = /^#region=(.*)$/.exec(location.hash);
    if (!found) return undefined;
    try { return numbers.get(decodeURIComponent(found[1])); } catch (failure) { return undefined; }
  }

  function follow() {
    const number = chosen();
    if (number === undefined) {
      card.overview();
      map.highlight(-1);
      find.value = "";
      return;
    }
    const region = data.regions[number];
    card.show(number);
    map.highlight(number);
    map.fly(number);
    tables.mark(region.id);
    find.value = region.id;
    bringIntoView();
    card.panel.focus({ preventScroll: true });
  }

  /** Beside the map on a wide screen; below it, and scrolled to, on a narrow one. */
  function bringIntoView() {
    const beside = card.panel.offsetLeft > 200;
    if (!beside) card.panel.scrollIntoView();
    else if (!inView(card.panel)) document.getElementById("map-section").scrollIntoView();
  }

  function inView(node) {
    const box = node.getBoundingClientRect();
    return box.top < innerHeight * 0.35 && box.bottom > innerHeight * 0.6;
  }

  function choose(number) {
    const target = link(data.regions[number]);
    if (location.hash === target) follow(); else location.hash = target;
  }

  /** In a notebook's frame an address after # would be the notebook's: links are followed here. */
  function followInFrame(event) {
    const found = event.target.closest("a[href^='#']");
    if (!found) return;
    event.preventDefault();
    location.hash = found.getAttribute("href");
  }

  function fillList() {
    for (const [status, words] of Object.entries(STATUSES)) {
      const regions = data.regions.filter((region) => region.status === status);
      if (!regions.length) continue;
      regions.sort((a, b) => a.name.localeCompare(b.name, "en"));
      find.append(el("optgroup", { label: words.plural }, regions.map((region) =>
        el("option", { value: region.id }, [region.name, country(region.country)].filter(Boolean).join(", ")))));
    }
    find.addEventListener("change", () => { if (find.value) choose(numbers.get(find.value)); });
  }

  function fillFilters() {
    const box = (family, name, words, count) => {
      const input = el("input", { type: "checkbox", name: `${family}-${name}` });
      input.checked = true;
      input.addEventListener("change", () => map.toggle(family, name, input.checked));
      return el("label", {}, input, symbols.swatch(name), words, el("span", { class: "quiet" }, count.toLocaleString("en")));
    };
    const regions = (status) => data.regions.filter((region) => region.status === status).length;
    const counts = {};
    for (const letter of data.records.kind) counts[letter] = (counts[letter] || 0) + 1;
    document.getElementById("status-filter").append(...Object.entries(STATUSES).map(([status, words]) => box("status", status, words.plural, regions(status))));
    document.getElementById("kind-filter").append(...Object.entries(KINDS).filter(([letter]) => counts[letter]).map(([letter, kind]) => box("kind", kind.name, kind.plural, counts[letter])));
  }

  fillList();
  fillFilters();
  overlays.offer(document.getElementById("overlay-filter"));
  tables.start();
  map.start(choose);
  card.overview();
  if (chosen() !== undefined) follow();
  addEventListener("hashchange", follow);
  if (location.protocol === "about:") document.addEventListener("click", followInFrame);
})();
