// What is wider than its place scrolls within itself: there it gets a stop for the keyboard, and a name.
(() => {
  const KINDS = {
    "div.math, span.math": "Formula",
    pre: "Code",
    ".figure-frame": "Figure",
    "div.cell_output .output": "Output",
    ".pst-scrollable-table-container, table.indextable": "Table",
  };

  function mark(region, kind) {
    const wide = region.scrollWidth > region.clientWidth || region.scrollHeight > region.clientHeight;
    if (wide && getComputedStyle(region).overflowX !== "visible") {
      region.tabIndex = 0;
      region.setAttribute("role", "group");
      region.setAttribute("aria-label", `${kind}, scrolls sideways`);
    } else if (region.getAttribute("role") === "group") {
      for (const name of ["tabindex", "role", "aria-label"]) region.removeAttribute(name);
    }
  }

  function watch() {
    const kinds = new Map();
    const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target, kinds.get(target))));
    for (const [selector, kind] of Object.entries(KINDS))
      for (const region of document.querySelectorAll(`article :is(${selector})`)) {
        kinds.set(region, kind);
        observer.observe(region);
      }
    const all = () => kinds.forEach((kind, region) => mark(region, kind));
    window.MathJax?.startup?.promise?.then(all); // a formula drawn later may be wider than the place it had
  }

  window.addEventListener("load", watch);
})();
