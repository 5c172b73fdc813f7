"use strict";
/* Sortable tables, and long tables shown in part.  Needs nothing else. */
const sorting = (() => {
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
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-all";
    button.textContent = `Show all ${rows.toLocaleString("en")} rows`;
    button.addEventListener("click", () => {
      delete table.dataset.limit;
      for (const row of table.tBodies[0].rows) row.hidden = false;
      button.remove();
    });
    const next = table.parentNode.nextElementSibling;
    if (next && next.classList.contains("table-tools")) next.prepend(button);
    else table.parentNode.after(button);
  }

  function start() {
    for (const table of document.querySelectorAll("table.sortable")) {
      for (const heading of table.tHead.rows[0].cells) {
        heading.querySelector(".sort").addEventListener("click", () => sortBy(table, heading));
      }
      if (table.dataset.limit) offerAll(table);
    }
  }

  return { start };
})();
