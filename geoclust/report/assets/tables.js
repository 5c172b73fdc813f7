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

  /** The rows of the chosen regions, by id. */
  function mark(...ids) {
    const targets = new Set(ids.map((id) => `#region=${encodeURIComponent(id)}`));
    for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    for (const link of document.querySelectorAll("td .region-link")) {
      if (targets.has(link.getAttribute("href"))) link.closest("tr").classList.add("chosen");
    }
  }

  /** In tables whose rows are regions, a button beside each to compare it with another. */
  function offer(compare) {
    for (const table of document.querySelectorAll("table[data-compare]")) {
      for (const link of table.querySelectorAll("td .region-link")) {
        const number = geoclust.numbers.get(decodeURIComponent(link.getAttribute("href").slice("#region=".length)));
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
