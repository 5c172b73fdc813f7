"use strict";
/* Sortable tables, long tables shown in part, the list of indicators. */
geoclust.tables = (() => {
  const { data, el } = geoclust;

  const key = (row, column) => {
    const cell = row.cells[column];
    const sort = cell.dataset.sort;
    if (sort === undefined) return cell.textContent.trim().toLowerCase();
    const value = Number(sort);
    return sort === "" || Number.isNaN(value) ? sort : value;
  };

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en");
  }

  function sortBy(table, heading) {
    const column = [...heading.parentNode.cells].indexOf(heading);
    const before = heading.getAttribute("aria-sort");
    const largestFirst = /number|span/.test(heading.className) && !("rising" in heading.dataset);
    const first = largestFirst ? "descending" : "ascending";
    const direction = before === null ? first : before === "ascending" ? "descending" : "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * compare(key(a, column), key(b, column)));
    table.tBodies[0].append(...rows);
    if (table.dataset.limit) limit(table);
  }

  /** Only the first rows of a long table, until asked for all. */
  function limit(table) {
    const most = Number(table.dataset.limit);
    [...table.tBodies[0].rows].forEach((row, number) => { row.hidden = number >= most; });
  }

  function offerAll(table) {
    limit(table);
    const rows = table.tBodies[0].rows.length;
    const button = el("button", { type: "button", class: "show-all" }, `Show all ${rows.toLocaleString("en")} rows`);
    button.addEventListener("click", () => {
      delete table.dataset.limit;
      for (const row of table.tBodies[0].rows) row.hidden = false;
      button.remove();
    });
    table.parentNode.after(button);
  }

  function indicatorRows() {
    const labels = new Map(data.dimensions.map((one) => [one.name, one.label]));
    document.getElementById("indicator-rows").append(...data.indicators.map((one) =>
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
    for (const table of document.querySelectorAll("table.sortable")) {
      for (const heading of table.tHead.rows[0].cells) {
        heading.querySelector(".sort").addEventListener("click", () => sortBy(table, heading));
      }
      if (table.dataset.limit) offerAll(table);
    }
    indicatorRows();
  }

  return { start, mark };
})();
