"use strict";
/* A region's card: verdict and why, what carries it, what it lacks, what was measured, who is in it. */
geoclust.card = (() => {
  const { data, indicators, KINDS, STATUSES, el, number, counted, country, link } = geoclust;
  const panel = document.getElementById("card");
  const MOST_MEMBERS = 400;
  const MOST_LISTED = 12;

  /** Members of each region, made when first asked for. */
  let members = null;
  function membersOf(region) {
    if (!members) {
      members = data.regions.map(() => []);
      data.records.region.forEach((home, record) => { if (home >= 0) members[home].push(record); });
    }
    return members[region];
  }

  function overview() {
    panel.classList.remove("open");
    const by = (status) => data.regions.filter((region) => region.status === status);
    const rank = (region) => parseInt(region.rank, 10) || Infinity;
    const clusters = by("cluster").sort((a, b) => rank(a) - rank(b)).slice(0, MOST_LISTED);
    const quasi = clusters.length ? [] : by("quasi-cluster").slice(0, MOST_LISTED);
    const others = clusters.length || quasi.length ? [] : by("none").slice(0, MOST_LISTED);
    const more = data.clusters - clusters.length;
    panel.replaceChildren(
      ...list(data.doubt ? ["Leading clusters", "rank in the draws"] : ["Leading clusters", "records"], clusters),
      more > 0 ? el("p", { class: "small" }, el("a", { href: "#ranking" }, `and ${counted(more, "more cluster")}`)) : "",
      ...list(["Heaviest quasi-clusters", "records"], quasi),
      ...list(["Heaviest regions", "records"], others),
      ...nearest(),
      data.regions.length ? "" : el("p", { class: "quiet" }, "No region was found: nowhere do enough records lie close together."),
    );
  }

  function list([title, beside], regions) {
    if (!regions.length) return [];
    const items = regions.map((region) => el("li", {},
      el("span", { class: "place" }, region.rank || ""),
      el("span", {}, el("a", { class: "region-link", href: link(region) }, region.name), " ",
        el("span", { class: "quiet" }, country(region.country))),
      region.doubt && data.doubt ? geoclust.standing.range(region.doubt) : el("span", { class: "quiet" }, number(region.records, "count"))));
    return [el("h3", {}, title, el("span", { class: "quiet beside" }, beside)), el("ol", { class: "plain" }, items)];
  }

  /** Quasi-clusters that lack least. */
  function nearest() {
    const { regions, more } = data.nearest;
    if (!regions.length) return [];
    const items = regions.map((place) => data.regions[place]).map((region) => el("li", {},
      el("a", { class: "region-link", href: link(region) }, region.name), el("span", { class: "quiet" }, ` with ${region.gap}`)));
    if (more) items.push(el("li", { class: "quiet" }, `and ${more.toLocaleString("en")} more that lack as little`));
    return [el("h3", {}, "Nearest to becoming clusters"), el("ul", { class: "nearest" }, items)];
  }

  function show(region_number, acts) {
    const region = data.regions[region_number];
    panel.classList.add("open");
    panel.replaceChildren(
      el("button", { type: "button", class: "close", "aria-label": "Close the card", on: { click: acts.close } }, "Close"),
      heading(region),
      el("div", { class: "card-acts" },
        data.regions.length > 1 ? el("button", { type: "button", on: { click: () => acts.compare(region_number) } }, "Compare with another") : "",
        acts.link()),
      ...rank(region),
      ...brief(region),
      ...geoclust.standing.doubt(region),
      facts(region),
      ...why(region),
      ...gap(region),
      ...geoclust.standing.peers(region),
      ...pulls(region),
      ...geoclust.standing.profile(region),
      ...measures(region),
      ...partners(region),
      ...geoclust.collaboration.card(region),
      ...roll(region, region_number),
    );
    panel.scrollTop = 0;
  }

  function heading(region) {
    const tier = region.tier ? `, tier ${region.tier}` : "";
    const lands = region.countries.length ? region.countries : [region.country];
    return el("header", {},
      el("span", { class: `status ${region.status}` }, geoclust.symbols.swatch(region.status), STATUSES[region.status].label + tier),
      region.undetermined ? [" ", el("span", { class: "flag" }, "undetermined by missing data")] : "",
      el("h3", {}, region.name),
      el("p", { class: "quiet" }, lands.map(country).join(", ")),
    );
  }

  function rank(region) {
    const label = region.rank || region.shadow;
    if (!label) return [];
    const words = region.rank
      ? `of ${counted(data.clusters, "cluster")}`
      : "shadow rank among clusters and quasi-clusters";
    const rows = [el("p", { class: "rank-line" }, el("span", { class: "big" }, label), el("span", { class: "quiet" }, words))];
    if (region.rank && region.dimension_ranks) {
      rows.push(el("dl", { class: "facts" }, data.dimensions.map((one) =>
        el("div", {}, el("dt", {}, one.label), el("dd", {}, region.dimension_ranks[one.name] || "not scored")))));
    }
    return rows;
  }

  function facts(region) {
    const value = (name) => (indicators.has(name) ? region.values[indicators.get(name).place] : null);
    const rows = [
      ["Records", number(region.records, "count")],
      ["Firms", number(value("firm_count"), "count")],
      ["Labs", number(value("lab_count"), "count")],
      ["Patents", number(value("patent_count"), "count")],
      ["Footprint", number(value("area_km2"), "km2")],
      ["Widest extent", number(region.extent_km, "km")],
      ["Persistence", number(region.persistence)],
      ["Places", number(region.locations, "count")],
    ];
    return el("dl", { class: "facts" }, rows.map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", {}, text))));
  }

  function meter(label, share, text, mark, failed) {
    const fill = el("span", { class: "fill" });
    fill.style.width = `${Math.max(0, Math.min(100, 100 * share))}%`;
    const track = el("span", { class: "track", "aria-hidden": "true" }, fill);
    if (mark !== null) {
      const bar = el("span", { class: "bar" });
      bar.style.left = `calc(${100 * mark}% - 1px)`;
      track.append(bar);
    }
    return el("div", { class: failed ? "meter failed" : "meter" }, el("span", {}, label), el("span", { class: "quiet" }, text), track);
  }

  function why(region) {
    const tests = region.tests.map(([value, passed, margin], place) => {
      const { label, bar } = data.tests[place];
      const top = 1.25 * Math.max(value || 0, bar);
      const far = typeof margin === "number" ? ` (${number(margin, "signed")})` : "";
      const text = `${number(value)}, bar ${number(bar)}: ${passed ? "passed" : "missed"}${far}`;
      return meter(label, (value || 0) / top, text, bar / top, !passed);
    });
    const criteria = region.criteria.map(([value, share, missing], place) => {
      const { label, target } = data.criteria[place];
      const text = missing ? "no data" : `${number(value)} of ${number(target)}`;
      return meter(label, share || 0, text, null, (share || 0) < 1);
    });
    return [
      ...(tests.length ? [el("h4", {}, "Why this status"), ...tests] : []),
      ...(criteria.length ? [el("h4", {}, "What capability is made of"), ...criteria] : []),
    ];
  }

  function brief(region) {
    return region.brief.length ? [el("div", { class: "brief" }, region.brief.map((line) => el("p", {}, line)))] : [];
  }

  function gap(region) {
    if (!region.gap) return [];
    const rows = [el("h4", {}, "What it lacks to be a cluster"), el("p", { class: "gap" }, region.gap)];
    if (!region.survival) return rows;
    const again = typeof region.survives === "boolean"
      ? `Clustered again with these additions, it ${region.survives ? "is a cluster" : "is not a cluster"}: ${region.survival}.`
      : `Clustered again with these additions: ${region.survival}.`;
    return [...rows, el("p", { class: "again" }, again)];
  }

  function pulls(region) {
    const rows = region.pulls.filter(([, pull]) => pull);
    if (!rows.length) return [];
    rows.sort((a, b) => b[1] - a[1]);
    const widest = Math.max(...rows.map(([, pull]) => Math.abs(pull)));
    const items = rows.map(([name, pull]) => {
      const bar = el("span", { class: pull > 0 ? "pull up" : "pull down" });
      bar.style.width = `${50 * Math.abs(pull) / widest}%`;
      const label = indicators.has(name) ? indicators.get(name).label : name;
      const words = pull > 0 ? "carries it" : "holds it back";
      return el("li", {}, el("span", {}, label, el("span", { class: "unseen" }, `: ${words}`)), el("span", { class: "axis", "aria-hidden": "true" }, bar));
    });
    return [el("h4", {}, "What carries it, what holds it back"), el("ul", { class: "pulls" }, items)];
  }

  function measures(region) {
    const row = (one) => {
      const ends = region.intervals[one.place];
      const thin = region.thin.includes(one.place);
      return el("tr", {},
        el("td", { title: one.formula }, one.label, one.unit ? el("span", { class: "quiet" }, ` ${one.unit}`) : "", thin ? [" ", el("span", { class: "flag" }, "thin evidence")] : ""),
        el("td", { class: "number" }, number(region.values[one.place], one.style),
          ends ? el("div", { class: "quiet" }, `${number(ends[0], one.style)} to ${number(ends[1], one.style)}`) : ""),
        el("td", { class: "number" }, rankOf(region, one.name)));
    };
    const groups = [...data.dimensions, { name: "", label: "Context" }];
    const bodies = groups.map((group) => {
      const rows = [...indicators.values()].filter((one) => one.dimension === group.name);
      if (!rows.length) return null;
      return el("tbody", {}, el("tr", { class: "dimension" }, el("th", { scope: "rowgroup", colspan: 3 }, group.label)), rows.map(row));
    });
    const head = el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Indicator"), el("th", { scope: "col", class: "number" }, "Value"), el("th", { scope: "col", class: "number" }, "Rank")));
    const note = region.estimated
      ? [el("p", { class: "quiet" }, "GDP is estimated from population and GDP per head of the country.")] : [];
    const table = el("table", {}, head, bodies.filter(Boolean));
    return [el("h4", {}, "Indicators"), table, ...saved(table, region), ...note,
      el("p", { class: "quiet" }, "Ranges are 95\u202f% intervals. Ranks are among clusters."), ...explained(region)];
  }

  function saved(table, region) {
    if (geoclust.address.framed) return [];
    return [el("div", { class: "table-tools" }, saving.button(table, `indicators-${region.id.replace(/[^a-z0-9-]/g, "")}`, `the indicators of ${region.name}`))];
  }

  // how to follow a number to the records it counts; ids that a shell could misread are left out
  function explained(region) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(region.id)) return [];
    return [el("p", { class: "quiet" }, "Any number followed to its records: ", el("code", {}, `geoclust explain FOLDER ${region.id} tie_count`))];
  }

  function rankOf(region, name) {
    const rank = (region.indicator_ranks || {})[name];
    return typeof rank === "number" ? number(rank) : "";
  }

  function partners(region) {
    if (!region.partners.length) return [];
    const items = region.partners.map(([node, pairs]) => {
      const home = geoclust.numbers.get(node);
      const other = home === undefined ? null : data.regions[home];
      const name = other ? el("a", { class: "region-link", href: link(other) }, other.name)
        : `${country(node.replace("country:", ""))}, outside regions`;
      return el("li", {}, name, el("span", { class: "quiet" }, ` ${counted(pairs, "tied pair")}`));
    });
    return [el("h4", {}, "Strongest ties to"), el("ul", {}, items)];
  }

  function roll(region, region_number) {
    const lists = Object.entries(KINDS).map(([letter, kind]) => {
      const found = membersOf(region_number).filter((record) => data.records.kind[record] === letter);
      if (!found.length) return null;
      const details = el("details", {}, el("summary", {}, kind.plural, el("span", { class: "quiet" }, ` ${found.length.toLocaleString("en")}`)));
      details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) details.append(names(found)); });
      return details;
    });
    return [el("h4", {}, "Members"), ...lists.filter(Boolean)];
  }

  function names(found) {
    const { name, simulated } = data.records;
    const sorted = found.map((record) => [name[record] || "(no name)", simulated[record] === "1"]).sort((a, b) => a[0].localeCompare(b[0], "en"));
    const items = sorted.slice(0, MOST_MEMBERS).map(([text, made]) => el("li", {}, text, made ? [" ", el("span", { class: "flag" }, "simulated")] : ""));
    if (sorted.length > MOST_MEMBERS) items.push(el("li", { class: "quiet" }, `and ${(sorted.length - MOST_MEMBERS).toLocaleString("en")} more in records.csv`));
    return el("ul", { class: "members", tabindex: 0, "aria-label": "Members" }, items);
  }

  return { overview, show, panel };
})();
