/* Words, numbers and elements.  Text from data only ever becomes a text node. */
const MISSING = "\u2013";
const STATUSES = { cluster: "Cluster", "quasi-cluster": "Quasi-cluster", none: "Neither" };
const FATES = { new: "new", gone: "gone", merged: "merged", split: "split", promoted: "promoted", demoted: "demoted" };
const STEP = 1e-4;

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/* made once: making one takes as long as formatting a hundred numbers */
const FIGURES = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const NAMES = new Intl.Collator();
const number = (value, digits = 3) =>
  typeof value === "number" && Number.isFinite(value)
    ? (value === 0 ? "0" : FIGURES.format(Number(value.toPrecision(digits)))).replace("-", "\u2212")
    : MISSING;
const counted = (count, one, many) => `${FIGURES.format(count)} ${count === 1 ? one : many || `${one}s`}`;

/** A line from whole steps: the first point, then differences. */
function unfold(steps) {
  const line = [];
  let x = 0, y = 0;
  for (let i = 0; i < steps.length; i += 2) { x += steps[i]; y += steps[i + 1]; line.push([x * STEP, y * STEP]); }
  return line;
}
const polygonsOf = (shape) => shape.polygons.map((part) => part.map(unfold));
const linesOf = (shape) => (shape.outline ? shape.outline.map(unfold) : polygonsOf(shape).flat());
