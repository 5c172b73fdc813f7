"use strict";
/* The study's data and the few words every other part uses.  Text from data only ever becomes a
   text node: nothing here or below writes markup. */
const geoclust = (() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("study-data");
  const outlines = read("outlines-data");
  const MISSING = "\u2013";
  const KINDS = {
    f: { name: "firm", plural: "Firms" },
    l: { name: "lab", plural: "Labs" },
    p: { name: "patent", plural: "Patents" },
  };
  const STATUSES = {
    cluster: { label: "Cluster", plural: "Clusters" },
    "quasi-cluster": { label: "Quasi-cluster", plural: "Quasi-clusters" },
    none: { label: "Neither cluster nor quasi-cluster", plural: "Neither" },
  };
  const STEP = 1e-4;
  const indicators = new Map(data.indicators.map((one, place) => [one.name, { ...one, place }]));
  const numbers = new Map(data.regions.map((region, number) => [region.id, number]));

  /** A line from whole steps: the first point, then differences. */
  function unfold(numbers_) {
    const line = [];
    let x = 0, y = 0;
    for (let i = 0; i < numbers_.length; i += 2) {
      x += numbers_[i];
      y += numbers_[i + 1];
      line.push([x * STEP, y * STEP]);
    }
    return line;
  }
  for (const region of data.regions) {
    region.polygons = region.polygons.map((part) => part.map(unfold));
    region.outline = region.outline ? region.outline.map(unfold) : region.polygons.flat();
  }

  /** An element with attributes and children; strings become text. */
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "class") node.className = value;
      else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else node.setAttribute(name, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  function significant(amount) {
    if (amount === 0) return "0";
    const exponent = Math.floor(Math.log10(Math.abs(amount)));
    if (exponent < -6) return amount.toExponential(2);
    const decimals = Math.max(0, 2 - exponent);
    const rounded = exponent > 2 ? Number(amount.toPrecision(3)) : amount;
    return rounded.toLocaleString("en", { maximumFractionDigits: Math.min(decimals, 12) });
  }

  function scaled(amount) {
    for (const [scale, word] of [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]]) {
      if (Math.abs(amount) >= scale) return `${significant(amount / scale)}\u00a0${word}`;
    }
    return significant(amount);
  }

  /** A number as a reader wants it; a dash where it is missing. */
  function number(value, style) {
    if (typeof value !== "number") return typeof value === "string" ? value : MISSING;
    const written = {
      count: () => Math.round(value).toLocaleString("en"),
      usd: () => `USD\u00a0${scaled(value)}`,
      share: () => `${significant(100 * value)}\u202f%`,
      signed: () => {
        const rounded = Math.round(1000 * value) / 10;
        return `${rounded > 0 ? "+" : ""}${significant(rounded)}\u202f%`;
      },
      km: () => `${significant(value)}\u00a0km`,
      km2: () => `${significant(value)}\u00a0km\u00b2`,
      ratio: () => significant(value),
    }[style || "ratio"]();
    return written.replace("-", "\u2212");
  }

  const counted = (count, one, many) =>
    `${count.toLocaleString("en")} ${count === 1 ? one : many || `${one}s`}`;
  const country = (code) => data.countries[code] || code || "";

  const LETTERS = { "\u00f8": "o", "\u0142": "l", "\u00df": "ss", "\u00e6": "ae", "\u0153": "oe", "\u0111": "d", "\u0131": "i" };
  /** Text as one searches for it: no case, no accents. */
  function fold(text) {
    const lower = text.toLowerCase();
    if (/^[\x00-\x7f]*$/.test(lower)) return lower;
    return lower.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[\u00f8\u0142\u00df\u00e6\u0153\u0111\u0131]/g, (letter) => LETTERS[letter]);
  }

  /** Say to a screen reader what changed. */
  function announce(text) {
    const live = document.getElementById("live");
    if (live) live.textContent = text;
  }

  const tints = new Map();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tints.clear());
  /** A colour of page.css, by name, as it is now. */
  function colour(name) {
    if (!tints.has(name)) tints.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
    return tints.get(name);
  }
  const link = (region) => `#region=${encodeURIComponent(region.id)}`;

  return {
    data, outlines, indicators, numbers, KINDS, STATUSES, MISSING,
    el, number, counted, country, colour, link, unfold, fold, announce,
  };
})();
