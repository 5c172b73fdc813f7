"use strict";
/* The profile of two regions: an axis for each indicator, better to the right, every cluster a
   tick on it, intervals where there are any, a line through each region's values. */
geoclust.plot = (() => {
  const { data, indicators, el, number, polar: { node } } = geoclust;
  const ROW = 34, HEAD = 26, EDGE = 10;
  const clusters = data.regions.filter((region) => region.status === "cluster");
  const numeric = (value) => typeof value === "number" && Number.isFinite(value);

  /** Rows of the plot: headings, and axes with what stands on them. */
  function rows(pair) {
    return [...judgement(pair), ...ranks(pair), ...data.dimensions.flatMap((one) => dimension(one, pair))];
  }

  /** Density and capability, each once, with the bars of every test on it. */
  function judgement(pair) {
    const bars = new Map();
    data.tests.forEach((test, place) => {
      const what = test.label.split(" ").slice(1).join(" ") || test.label;
      if (!bars.has(what)) bars.set(what, { place, at: [] });
      bars.get(what).at.push(test.bar);
    });
    const own = [...bars].map(([what, { place, at }]) =>
      axis(what[0].toUpperCase() + what.slice(1), "ratio", false, (region) => (region.tests[place] || [])[0], () => null, pair, at));
    return own.length ? [{ head: "Judgement, with its bars" }, ...own] : [];
  }

  function ranks(pair) {
    const value = (region) => parseInt(region.rank, 10);
    if (!pair.some((region) => numeric(value(region)))) return [];
    const interval = (region) => (region.doubt && region.rank ? [region.doubt.low, region.doubt.high] : null);
    return [{ head: "Rank among the clusters" }, axis("Overall rank", "count", true, value, interval, pair)];
  }

  function dimension(one, pair) {
    const own = [...indicators.values()].filter((indicator) => indicator.dimension === one.name);
    const made = own.map((indicator) => axis(indicator.label, indicator.style, indicator.less,
      (region) => region.values[indicator.place], (region) => region.intervals[indicator.place] || null, pair));
    return made.length ? [{ head: one.label }, ...made] : [];
  }

  function axis(label, style, less, value, interval, pair, bars = []) {
    const values = pair.map(value);
    const intervals = pair.map((region) => (interval(region) || []).every(numeric) ? interval(region) : null);
    const field = clusters.map(value).filter(numeric).sort((a, b) => a - b);
    const all = [...field, ...values, ...intervals.filter(Boolean).flat(), ...bars].filter(numeric);
    const ends = all.length ? [Math.min(...all), Math.max(...all)] : null;
    // a scale of ratios only where it says more: values over two powers of ten, none of them zero
    const log = ends !== null && ends[0] > 0 && ends[1] / ends[0] > 100;
    const middle = field.length ? (field[(field.length - 1) >> 1] + field[field.length >> 1]) / 2 : null;
    return { label, style, less, values, intervals, field, ends, log, bars, middle };
  }

  /** Where a value stands on its axis, 0 (worst) to 1 (best). */
  function stand({ ends, log, less }, value) {
    const scale = log ? Math.log : (plain) => plain;
    const [low, high] = ends.map(scale);
    const share = high > low ? (scale(value) - low) / (high - low) : 0.5;
    return less ? 1 - share : share;
  }

  function draw(box, pair) {
    const width = box.clientWidth;
    const wide = width > 540;
    const left = wide ? 208 : EDGE, right = width - (wide ? 190 : EDGE);
    const pitch = wide ? ROW : ROW + 18;
    const at = (row, value) => left + stand(row, value) * (right - left);
    let y = 4;
    const parts = [], lines = [[], []];
    for (const row of rows(pair)) {
      if (row.head) { y += HEAD; parts.push(text(row.head, 0, y - 8, "head")); lines.forEach((line) => line.push(null)); continue; }
      y += pitch;
      parts.push(...rowParts(row, { wide, left, right, width, y: y - 14, at }));
      row.values.forEach((value, who) => lines[who].push(numeric(value) ? [at(row, value), y - 14] : null));
    }
    const made = node("svg", { width, height: y + 8, viewBox: `0 0 ${width} ${y + 8}`, role: "img", "aria-label": `Profiles of ${pair[0].name} and ${pair[1].name}; the table below holds the numbers` });
    made.append(...lines.map((line, who) => node("path", { class: `profile-line ${"ab"[who]}`, d: through(line) })), ...parts);
    box.replaceChildren(made);
  }

  /** A line through points, broken where one is missing. */
  function through(points) {
    return points.map((point, i) => (point ? `${points[i - 1] ? "L" : "M"}${point[0].toFixed(1)} ${point[1]}` : "")).join("");
  }

  function rowParts(row, { wide, left, right, width, y, at }) {
    const parts = [text(row.label + (row.log ? " (log)" : ""), 0, wide ? y + 4 : y - 16, "label")];
    const told = row.values.map((value) => number(numeric(value) ? value : null, row.style));
    if (wide) told.forEach((words, who) => parts.push(text(words, width - (who ? 0 : 90), y + 4, `value ${"ab"[who]}`, "end")));
    else parts.push(text(told.join(" | "), width, y - 16, "value", "end"));
    if (!row.ends) return parts;
    parts.push(node("line", { class: "rail", x1: left, y1: y, x2: right, y2: y }));
    for (const value of row.field) parts.push(tick("tick", at(row, value), y, 4));
    if (row.middle !== null) parts.push(tick("median", at(row, row.middle), y, 8));
    for (const bar of row.bars) parts.push(tick("bar", at(row, bar), y, 10));
    row.intervals.forEach((ends, who) => {
      if (ends) parts.push(span(at(row, ends[0]), at(row, ends[1]), y + (who ? 5 : -5), "ab"[who]));
    });
    row.values.forEach((value, who) => { if (numeric(value)) parts.push(mark(at(row, value), y, "ab"[who])); });
    return parts;
  }

  const tick = (name, x, y, reach) => node("line", { class: name, x1: x.toFixed(1), y1: y - reach, x2: x.toFixed(1), y2: y + reach });
  const span = (from, to, y, who) => node("line", { class: `interval ${who}`, x1: from.toFixed(1), y1: y, x2: to.toFixed(1), y2: y });
  const mark = (x, y, who) => (who === "a"
    ? node("circle", { class: "mark a", cx: x.toFixed(1), cy: y, r: 5 })
    : node("rect", { class: "mark b", x: x - 4.5, y: y - 4.5, width: 9, height: 9, transform: `rotate(45 ${x} ${y})` }));

  function text(words, x, y, name, anchor = "start") {
    return node("text", { x, y, class: name, "text-anchor": anchor }, words);
  }

  /** A drawing that follows the width of its box. */
  function profile(pair) {
    const box = el("div", { class: "profiles" });
    let before = 0;
    new ResizeObserver(() => {
      if (Math.abs(box.clientWidth - before) < 1 || !box.clientWidth) return;
      before = box.clientWidth;
      draw(box, pair);
    }).observe(box);
    return box;
  }

  return { profile, rows, stand };
})();
