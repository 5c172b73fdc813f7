"use strict";
/* Any table of the page as a CSV file: the text one reads, made safe for spreadsheets.  Needs
   nothing else. */
const saving = (() => {
  // as geoclust/study/guarded.py: what a spreadsheet would take for a formula gets an apostrophe
  const FORMULA = /^(?='*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/;
  const guard = (text) => (FORMULA.test(text) ? `'${text}` : text);
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text);

  /** What is read in a cell: no buttons, nothing that only decorates, plain spaces. */
  function words(cell) {
    if (!cell.firstElementChild) return plain(cell.textContent);
    const copy = cell.cloneNode(true);
    for (const node of copy.querySelectorAll("[aria-hidden=true], [data-act]")) node.remove();
    for (const node of copy.querySelectorAll(".unit, .under, .flag, div")) node.prepend(" ");
    return plain(copy.textContent);
  }

  const plain = (text) => text.replace(/[\s\u00a0\u202f]+/g, " ").trim();

  /** All rows in the order shown, those too that are not shown yet; a cell over several columns once. */
  function text(table) {
    const rows = [...table.rows].map((row) => [...row.cells].flatMap((cell) =>
      [words(cell), ...Array(cell.colSpan - 1).fill("")]));
    return rows.map((row) => row.map((cell) => quoted(guard(cell))).join(",")).join("\n") + "\n";
  }

  function save(table, name) {
    const address = URL.createObjectURL(new Blob([text(table)], { type: "text/csv;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  /** The button under a table. */
  function button(table, name, what) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "csv";
    made.textContent = "CSV";
    made.setAttribute("aria-label", `Save as CSV: ${what}`);
    made.addEventListener("click", () => save(table, name));
    return made;
  }

  /** A button for each table of the page; none in a notebook's frame, which may not save. */
  function start() {
    if (location.protocol === "about:") return;
    document.querySelectorAll(".scroll > table").forEach((table, number) => {
      const caption = table.caption ? plain(table.caption.textContent) : "table";
      const name = (table.id || `table-${number + 1}`).replace(/-table$/, "").replace(/[^a-z0-9-]/g, "");
      const tools = document.createElement("div");
      tools.className = "table-tools";
      tools.append(button(table, name, caption));
      table.parentNode.after(tools);
    });
  }

  return { start, text, button };
})();
