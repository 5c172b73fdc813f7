"use strict";
/* Two regions side by side: what differs in words, their profiles, all numbers in a table. */
geoclust.pair = (() => {
  const { data, indicators, STATUSES, MISSING, el, number, counted, country, link, symbols, plot } = geoclust;
  const panel = document.getElementById("pair");
  const MOST = 3;
  const PLOT_WORDS = "Better is to the right. Each thin tick is a cluster, the longer one their median; heavy ticks are the bars of the judgement. Wide bars are 95\u202f% intervals, where a number is a ratio of counts.";
  const numeric = (value) => typeof value === "number" && Number.isFinite(value);
  const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`);
  const small = (label) => label[0].toLowerCase() + label.slice(1);

  /* -- what differs, in words ------------------------------------------------------------- */

  const verdict = (region) => (region.tier ? `${small(STATUSES[region.status].label)} of tier ${region.tier}`
    : region.status === "none" ? "neither cluster nor quasi-cluster" : small(STATUSES[region.status].label));
  const article = (words) => (words.startsWith("neither") ? words : `a ${words}`);

  function verdicts([a, b]) {
    const [one, two] = [a, b].map(verdict);
    const same = one === two;
    const told = same ? `Both are ${one.startsWith("neither") ? one : one.replace(/^(quasi-)?cluster/, "$&s")}.`
      : `${a.name} is ${article(one)}, ${b.name} ${article(two)}.`;
    const missed = [a, b].filter((region) => region.status !== "cluster").map((region) => {
      const names = region.tests.map((test, place) => [test, data.tests[place]]).filter(([test, { label }]) => !test[1] && /^cluster /i.test(label))
        .map(([test, { label, bar }]) => `${small(label)} (${number(test[0])}, bar ${number(bar)})`);
      return names.length ? `${region.name} misses the bar of ${listed(names)}.` : "";
    });
    return [[told, ...missed].filter(Boolean).join(" ")];
  }

  /** What would make clusters of those that are none, and how often the draws find them to be one. */
  function distance(pair) {
    const lacking = pair.filter((region) => region.status !== "cluster" && region.gap).map((region) => `${region.name} would be a cluster with ${region.gap}.`);
    if (!pair.every((region) => region.doubt)) return lacking;
    const [a, b] = pair.map((region) => number(region.doubt.status[0], "share"));
    return [...lacking, `Of ${counted(data.doubt.draws, "draw")}, ${pair[0].name} is a cluster in ${a}, ${pair[1].name} in ${b}.`];
  }

  function ranks([a, b]) {
    const ranked = [a, b].filter((region) => region.rank);
    if (!ranked.length) return [];
    if (ranked.length === 1) return [`Only ${ranked[0].name} is ranked: ${ranked[0].rank} of ${counted(data.clusters, "cluster")}.`];
    const told = `Of ${counted(data.clusters, "cluster")}, ${a.name} ranks ${a.rank} and ${b.name} ${b.rank}.`;
    if (!a.doubt || !b.doubt) return [told];
    const apart = a.doubt.high < b.doubt.low || b.doubt.high < a.doubt.low;
    const range = ({ low, high }) => `${number(low)} to ${number(high)}`;
    return [`${told} In the middle nine tenths of ${counted(data.doubt.draws, "draw")}, ${range(a.doubt)} and ${range(b.doubt)}: ${apart ? "the ranges lie apart" : "the ranges overlap, so the order is not firm"}.`];
  }

  function dimensions([a, b]) {
    const place = (region, name) => parseInt((region.dimension_ranks || {})[name], 10);
    const lead = (x, y) => data.dimensions.filter(({ name }) => place(x, name) < place(y, name))
      .map(({ name, label }) => `${small(label)} (rank ${x.dimension_ranks[name]} against ${y.dimension_ranks[name]})`);
    return [[a, b], [b, a]].map(([x, y]) => [x, lead(x, y)]).filter(([, led]) => led.length)
      .map(([x, led]) => `${x.name} is ahead in ${listed(led)}.`);
  }

  /** Indicators of the framework in which both are known, by how far apart they stand. */
  function gaps([a, b]) {
    return data.profile.map((one, place) => ({ ...one, stands: [a.profile[place], b.profile[place]] }))
      .filter((one) => one.indicator && one.stands.every(numeric))
      .map((one) => ({ ...one, apart: one.stands[0] - one.stands[1] })).filter((one) => one.apart)
      .sort((x, y) => Math.abs(y.apart) - Math.abs(x.apart));
  }

  function indicatorsOf(pair) {
    const found = gaps(pair);
    const told = (one, [x, y]) => {
      const { place } = indicators.get(one.indicator);
      return `${small(one.label)} (${number(x.values[place], one.style)} against ${number(y.values[place], one.style)})`;
    };
    const [a, b] = pair;
    return [[a, b, 1], [b, a, -1]].map(([x, y, sign]) => {
      const led = found.filter((one) => sign * one.apart > 0).slice(0, MOST);
      return led.length ? `Most in favour of ${x.name}: ${listed(led.map((one) => told(one, [x, y])))}.` : "";
    }).filter(Boolean);
  }

  function evidence([a, b]) {
    const both = [...indicators.values()].filter(({ place, dimension }) => dimension && a.intervals[place] && b.intervals[place]);
    if (!both.length) return [];
    const apart = both.filter(({ place }) => a.intervals[place][1] < b.intervals[place][0] || b.intervals[place][1] < a.intervals[place][0]);
    const over = both.filter((one) => !apart.includes(one));
    const parts = [];
    if (apart.length) parts.push(`The 95\u202f% intervals lie apart in ${listed(apart.map(({ label }) => small(label)))}.`);
    if (over.length) parts.push(`They overlap in ${listed(over.map(({ label }) => small(label)))}: there the difference may rest on few cases.`);
    return [parts.join(" ")];
  }

  function unknown([a, b]) {
    return [a, b].map((region) => {
      const gone = data.profile.filter((one) => one.indicator && !numeric(region.values[indicators.get(one.indicator).place])).map(({ label }) => small(label));
      return gone.length ? `Not known of ${region.name}: ${listed(gone)}.` : "";
    }).filter(Boolean);
  }

  function make([a, b]) {
    const value = (region, name) => (indicators.has(name) ? region.values[indicators.get(name).place] : null);
    const told = (region) => {
      const kinds = [["firm_count", "firm"], ["lab_count", "lab"], ["patent_count", "patent"]]
        .filter(([name]) => value(region, name) > 0).map(([name, word]) => counted(value(region, name), word));
      return `${region.name} holds ${listed(kinds) || counted(region.records, "record")} at ${counted(region.locations, "place")}`;
    };
    const km = new maplibregl.LngLat(...a.at).distanceTo(new maplibregl.LngLat(...b.at)) / 1000;
    return [`${told(a)}; ${told(b)}. They lie ${number(Math.round(km), "count")}\u00a0km apart.`];
  }

  /** Ties between the two, where all ties between regions are known here. */
  function ties(pair) {
    const [a, b] = pair.map((region) => geoclust.numbers.get(region.id));
    const found = data.ties.find(([x, y]) => (x === a && y === b) || (x === b && y === a));
    const near = pair[0].partners.find(([node]) => node === pair[1].id) || pair[1].partners.find(([node]) => node === pair[0].id);
    const count = found ? found[3] : near ? near[1] : 0;
    if (count) return [`${counted(count, "tied pair")} of organisations ${count === 1 ? "joins" : "join"} the two.`];
    return data.ties.length && data.ties_whole ? ["No tie between their organisations is known."] : [];
  }

  /* -- the panel ---------------------------------------------------------------------------- */

  function glyph(who) {
    const { node } = geoclust.polar;
    const shape = who === "a" ? node("circle", { class: "mark a", cx: 7, cy: 7, r: 6 })
      : node("rect", { class: "mark b", x: 2.5, y: 2.5, width: 9, height: 9, transform: "rotate(45 7 7)" });
    return node("svg", { class: "glyph", width: 14, height: 14, "aria-hidden": "true" }, shape);
  }

  function head(region, who) {
    const rank = region.rank ? `rank ${region.rank} of ${counted(data.clusters, "cluster")}`
      : region.shadow ? `shadow rank ${region.shadow}` : "";
    return el("div", { class: `side ${who}` },
      el("h4", {}, glyph(who), el("a", { class: "region-link", href: link(region) }, region.name)),
      el("p", {}, el("span", { class: `status ${region.status}` }, symbols.swatch(region.status), STATUSES[region.status].label + (region.tier ? `, tier ${region.tier}` : "")), " ",
        el("span", { class: "quiet" }, ` ${[country(region.country), rank].filter(Boolean).join(" \u00b7 ")}`)));
  }

  function show(a, b, acts) {
    const pair = [data.regions[a], data.regions[b]];
    const words = [verdicts, distance, ranks, dimensions, indicatorsOf, evidence, unknown, make, ties].flatMap((part) => part(pair));
    const button = (text, act) => el("button", { type: "button", on: { click: act } }, text);
    const table = numbers(pair);
    panel.replaceChildren(
      el("div", { class: "pair-head" }, el("h3", { id: "pair-heading" }, "Two regions side by side"),
        el("div", { class: "map-buttons" }, button("Swap", acts.swap), acts.link(), button("Close", acts.close))),
      el("div", { class: "sides" }, head(pair[0], "a"), head(pair[1], "b")),
      el("div", { class: "pair-body" },
        el("div", {},
          el("h4", {}, "What differs"),
          el("ul", { class: "differences" }, words.map((line) => el("li", {}, line)))),
        el("div", {},
          el("h4", {}, "Profiles"),
          plot.profile(pair),
          el("p", { class: "small" }, PLOT_WORDS, data.doubt ? " Of the rank they are the middle nine tenths of the draws." : ""))),
      el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Numbers of the two regions" }, table),
      ...(geoclust.address.framed ? [] : [el("div", { class: "table-tools" }, saving.button(table, "two-regions", "the numbers of the two regions"))]),
    );
    panel.hidden = false;
  }

  function hide() {
    panel.hidden = true;
    panel.replaceChildren();
  }

  function numbers(pair) {
    const [a, b] = pair;
    const cell = (region, one) => {
      const ends = region.intervals[one.place];
      return el("td", { class: "number" }, number(region.values[one.place], one.style),
        ends ? el("span", { class: "quiet under" }, `${number(ends[0], one.style)} to ${number(ends[1], one.style)}`) : "",
        region.thin.includes(one.place) ? [" ", el("span", { class: "flag" }, "thin evidence")] : "");
    };
    const rank = (region, one) => {
      const found = (region.indicator_ranks || {})[one.name];
      return el("td", { class: "number" }, numeric(found) ? number(found) : MISSING);
    };
    const groups = [...data.dimensions, { name: "", label: "Context" }];
    const bodies = groups.map((group) => {
      const own = [...indicators.values()].filter((one) => one.dimension === group.name);
      return own.length ? el("tbody", {}, el("tr", { class: "dimension" }, el("th", { scope: "rowgroup", colspan: 5 }, group.label)),
        own.map((one) => el("tr", {}, el("th", { scope: "row", title: one.formula }, one.label, one.unit ? el("span", { class: "unit" }, one.unit) : ""),
          cell(a, one), cell(b, one), rank(a, one), rank(b, one)))) : null;
    });
    const heading = (text) => el("th", { scope: "col", class: "number" }, text);
    return el("table", { id: "two-regions-table" }, el("caption", { class: "unseen" }, `${a.name} and ${b.name} in numbers`),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Indicator"), heading(a.name), heading(b.name), heading(`Rank of ${a.name}`), heading(`Rank of ${b.name}`))),
      bodies.filter(Boolean));
  }

  return { show, hide, panel };
})();
