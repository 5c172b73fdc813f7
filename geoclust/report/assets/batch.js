"use strict";
/* The page of a batch: the map leads to the card of a region on its study's own page. */
(() => {
  const { data, numbers, STATUSES, el, country, symbols, map, tables } = geoclust;
  const find = document.getElementById("find");

  const open = (number) => { location.href = data.regions[number].page; };

  function fillList() {
    const order = data.regions.map((region, number) => [region, number]);
    for (const [status, words] of Object.entries(STATUSES)) {
      const regions = order.filter(([region]) => region.status === status);
      if (!regions.length) continue;
      regions.sort(([a], [b]) => a.name.localeCompare(b.name, "en"));
      find.append(el("optgroup", { label: words.plural }, regions.map(([region]) =>
        el("option", { value: region.id }, [region.name, country(region.country), region.study].filter((word, at, all) => word && all.indexOf(word) === at).join(", ")))));
    }
    find.addEventListener("change", () => {
      if (!find.value) return;
      map.highlight(numbers.get(find.value));
      map.fly(numbers.get(find.value));
      show(numbers.get(find.value));
    });
  }

  /** Below the map: the region chosen in the list, and the way to its card. */
  function show(number) {
    const region = data.regions[number];
    const words = [STATUSES[region.status].label, region.rank ? `rank ${region.rank} of all` : "", region.study].filter(Boolean).join(" \u00b7 ");
    document.getElementById("chosen").replaceChildren(el("b", {}, region.name), ` ${words} `, el("a", { href: region.page }, "Open its card"));
  }

  function fillFilters() {
    const box = (status, words) => {
      const input = el("input", { type: "checkbox", name: `status-${status}` });
      input.checked = true;
      input.addEventListener("change", () => map.toggle("status", status, input.checked));
      const count = data.regions.filter((region) => region.status === status).length;
      return el("label", {}, input, symbols.swatch(status), words, el("span", { class: "quiet" }, count.toLocaleString("en")));
    };
    document.getElementById("status-filter").append(...Object.entries(STATUSES).map(([status, words]) => box(status, words.plural)));
  }

  fillList();
  fillFilters();
  tables.start();
  map.start(open);
})();
