"use strict";
/* The list of indicators, and the rows of the chosen region. */
geoclust.tables = (() => {
  const { data, el } = geoclust;

  function indicatorRows() {
    const rows = document.getElementById("indicator-rows");
    if (!rows) return;
    const labels = new Map(data.dimensions.map((one) => [one.name, one.label]));
    rows.append(...data.indicators.map((one) =>
      el("tr", {}, el("td", {}, one.label), el("td", {}, one.unit), el("td", {}, one.formula), el("td", {}, labels.get(one.dimension) || ""))));
  }

  const idOf = (link) => {
    const found = /^#region=(.*)$/.exec(link.getAttribute("href"));
    try { return found ? decodeURIComponent(found[1]) : undefined; } catch (failure) { return undefined; }
  };

  let rows = null;
  /** Rows of all tables by the region they lead to, found once. */
  function rowsOf(id) {
    if (!rows) {
      rows = new Map();
      for (const link of document.querySelectorAll("td .region-link")) {
        const target = idOf(link);
        if (!rows.has(target)) rows.set(target, []);
        rows.get(target).push(link.closest("tr"));
      }
    }
    return rows.get(id) || [];
  }

  /** The rows of the chosen regions, by id. */
  function mark(...ids) {
    for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    for (const row of ids.flatMap(rowsOf)) row.classList.add("chosen");
  }

  /** In tables whose rows are regions, a button beside each to compare it with another. */
  function offer(compare) {
    for (const table of document.querySelectorAll("table[data-compare]")) {
      for (const link of table.querySelectorAll("td .region-link")) {
        const number = geoclust.numbers.get(idOf(link));
        if (number === undefined) continue;
        link.after(el("button", { type: "button", class: "versus", "data-act": "compare", "aria-label": `Compare ${link.textContent}`, title: "Compare with another", on: { click: () => compare(number) } }));
      }
    }
  }

  function start(compare) {
    saving.start();
    sorting.start();
    indicatorRows();
    if (compare) offer(compare);
  }

  return { start, mark };
})();
