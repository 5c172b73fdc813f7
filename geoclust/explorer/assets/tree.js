/* The hierarchy: blocks as wide as their weight, from the length at which each separates down. */
function makeTree(root, onBlock) {
  const NS = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", "Density hierarchy: each block is a group of records; wider is heavier, lower is denser; arrow keys go from one to the next");
  svg.setAttribute("preserveAspectRatio", "none");
  const axis = el("ol", { class: "gc-axis", "aria-hidden": "true" });
  const host = el("div", { class: "gc-tree" }, axis, svg);
  const WIDE = 1000, HIGH = 220;
  let chosen = -1, held = -1, blocks = [], rects = new Map();

  function update(list, regions) {
    blocks = list;
    rects = new Map();
    svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
    const top = Math.max(...blocks.map((one) => one.from_km), 1e-6), low = Math.max(Math.min(...blocks.map((one) => one.to_km)), 1e-3);
    const span = Math.log(top / low) || 1;
    const y = (km) => HIGH * Math.log(top / Math.max(km, low)) / span;
    const nodes = blocks.map((one) => {
      const rect = document.createElementNS(NS, "rect");
      const region = regions.get(one.region);
      rect.setAttribute("x", one.x * WIDE);
      rect.setAttribute("width", Math.max(one.width * WIDE, 1));
      rect.setAttribute("y", y(one.from_km));
      rect.setAttribute("height", Math.max(y(one.to_km) - y(one.from_km), 6));
      rect.setAttribute("class", region ? `is-${region.status}` : one.region ? "is-none" : "is-open");
      rect.setAttribute("tabindex", "-1");
      rect.setAttribute("role", "button");
      rect.setAttribute("data-n", one.n);
      const words = `${region ? region.name : "a group"}: weight ${number(one.weight)}, separates at ${number(one.from_km)} km, ends at ${number(one.to_km)} km`;
      rect.setAttribute("aria-label", words);
      const title = document.createElementNS(NS, "title");
      title.textContent = words;
      rect.append(title);
      rect.addEventListener("click", () => onBlock(one));
      rect.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onBlock(one); } else walk(event, one); });
      rect.addEventListener("focus", () => hold(one.n));
      rects.set(one.n, rect);
      return rect;
    });
    svg.replaceChildren(...nodes);
    const marks = [top];
    for (const km of [200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.1]) if (km < top * 0.8 && km > low * 1.05) marks.push(km);
    axis.replaceChildren(...marks.map((km) => { const mark = el("li", {}, `${number(km)} km`); mark.style.top = `${100 * y(km) / HIGH}%`; return mark; }));
    mark(chosen);
    hold(rects.has(chosen) ? chosen : blocks.length ? blocks[0].n : -1);
  }

  /** Only one block is a stop of the tab key; arrows go from there. */
  function hold(n) {
    if (rects.has(held)) rects.get(held).setAttribute("tabindex", "-1");
    held = n;
    if (rects.has(n)) rects.get(n).setAttribute("tabindex", "0");
  }

  /** Arrows: up to what it is part of, down to its heaviest part, aside to its neighbours. */
  function walk(event, one) {
    const across = (a, b) => a.x - b.x;
    const beside = blocks.filter((other) => other.parent === one.parent).sort(across);
    const at = beside.indexOf(one);
    const to = {
      ArrowUp: () => blocks.find((other) => other.n === one.parent),
      ArrowDown: () => blocks.filter((other) => other.parent === one.n).sort(across)[0],
      ArrowLeft: () => beside[at - 1],
      ArrowRight: () => beside[at + 1],
      Home: () => beside[0],
      End: () => beside[beside.length - 1],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    const next = to();
    if (next) rects.get(next.n).focus();
  }

  /** Blocks that are regions take the colour of their status. */
  function paint(regions) {
    for (const one of blocks) {
      const region = regions.get(one.region);
      const rect = rects.get(one.n);
      rect.setAttribute("class", `${region ? `is-${region.status}` : "is-open"}${one.n === chosen ? " chosen" : ""}`);
    }
  }

  function mark(n) {
    if (rects.has(chosen)) rects.get(chosen).classList.remove("chosen");
    chosen = n;
    if (rects.has(n)) { rects.get(n).classList.add("chosen"); hold(n); }
  }
  return { host, update, paint, mark, blockOf: (region) => blocks.find((one) => one.region === region) };
}
