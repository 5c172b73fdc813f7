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

  function mark(region_id) {
    for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    const target = `#region=${encodeURIComponent(region_id)}`;
    for (const link of document.querySelectorAll("td .region-link")) {
      if (link.getAttribute("href") === target) link.closest("tr").classList.add("chosen");
    }
  }

  function start() {
    sorting.start();
    indicatorRows();
  }

  return { start, mark };
})();
