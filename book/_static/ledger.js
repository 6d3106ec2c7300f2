/* The ledger's filters and sorting. Without this script every row is there, in the order of the papers. */
"use strict";

(() => {
  const ledger = document.querySelector(".ledger");
  if (!ledger) return;
  const table = ledger.querySelector(".ledger-table");
  const filters = ledger.querySelector(".ledger-filters");
  const shown = ledger.querySelector(".ledger-shown");
  const rows = [...table.tBodies];
  const heads = [...table.tHead.rows[0].cells];
  const printed = new Map(rows.map((row, place) => [row, place]));

  const matches = (row) =>
    [...filters.elements].every(({ name, value }) => !value || row.dataset[name].split(" ").includes(value));

  const sorted = () => {
    const head = heads.find((each) => each.ariaSort);
    return head ? `, sorted by ${head.textContent}, ${head.ariaSort}` : "";
  };

  const tell = () => {
    const visible = rows.filter((row) => !row.hidden).length;
    shown.textContent = `${visible} of ${rows.length} statements shown${sorted()}`;
  };

  const filter = () => {
    for (const row of rows) row.hidden = !matches(row);
    tell();
  };

  // The first column goes by the order of the papers, the others by numbers where they are numbers.
  const key = (row, column) => {
    if (column === 0) return printed.get(row);
    const value = row.rows[0].cells[column].dataset.sort;
    return Number.isNaN(Number(value)) ? value : Number(value);
  };

  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  const sort = (head) => {
    const column = heads.indexOf(head);
    const direction = head.ariaSort === "ascending" ? "descending" : "ascending";
    const sign = direction === "ascending" ? 1 : -1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction);
    rows.sort((a, b) => sign * compare(key(a, column), key(b, column)) || printed.get(a) - printed.get(b));
    table.append(...rows);
    tell();
  };

  // A link to a row that a filter hides shows everything again.
  const reveal = () => {
    const row = rows.find((each) => `#${each.id}` === decodeURIComponent(location.hash));
    if (!row) return;
    if (row.hidden) filters.reset();
    filter();
    row.scrollIntoView();
  };

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
  }
  filters.addEventListener("change", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", reveal);
  filters.hidden = false;
  filter();
  reveal();
})();
