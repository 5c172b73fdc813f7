"use strict";
/* Parts of a region's card: its profile beside the clusters, its peers, how firm its rank is. */
geoclust.standing = (() => {
  const { data, indicators, numbers, el, number, counted, link, MISSING } = geoclust;

  const percent = (share) => `${Math.max(0, Math.min(100, 100 * share))}%`;

  const clusters = data.regions.filter((region) => region.status === "cluster");

  /** The share of the clusters that a value is ahead of, those level with it counting half. */
  function share(indicator, value) {
    const known = clusters.map((region) => region.values[indicator.place]).filter((one) => typeof one === "number");
    const ahead = (one) => (indicator.less ? one > value : one < value);
    return known.reduce((sum, one) => sum + (ahead(one) ? 1 : one === value ? 0.5 : 0), 0) / known.length;
  }

  /** Where the ends of an indicator's interval stand, as a line over its bar. */
  function whisker(one, region) {
    const indicator = one.indicator ? indicators.get(one.indicator) : null;
    const ends = indicator ? region.intervals[indicator.place] : null;
    if (!ends || !ends.every((end) => typeof end === "number")) return "";
    const [from, to] = ends.map((end) => share(indicator, end)).sort((a, b) => a - b);
    const line = el("span", { class: "whisker" });
    line.style.left = percent(from);
    line.style.width = percent(to - from);
    return line;
  }

  /** One bar of the profile: how many of the clusters the region is ahead of, against the median's. */
  function bar(one, standing, region) {
    const known = typeof standing === "number";
    const fill = el("span", { class: known && standing < one.middle ? "fill behind" : "fill" });
    fill.style.width = percent(known ? standing : 0);
    const track = el("span", { class: "track", "aria-hidden": "true" }, fill, known ? whisker(one, region) : "");
    if (typeof one.middle === "number") {
      const mark = el("span", { class: "bar" });
      mark.style.left = `calc(${percent(one.middle)} - 1px)`;
      track.append(mark);
    }
    const words = known ? `ahead of ${number(standing, "share")}` : "unknown";
    return el("li", { class: one.indicator ? "part" : "whole" },
      el("span", {}, one.label), el("span", { class: "quiet" }, words), track,
      one.indicator && known ? el("span", { class: "quiet beside" }, beside(one, region)) : "");
  }

  function beside(one, region) {
    const place = indicators.get(one.indicator).place;
    const ends = region.intervals[place];
    const span = ends ? ` (${number(ends[0], one.style)} to ${number(ends[1], one.style)})` : "";
    return `${number(region.values[place], one.style)}${span}, median of clusters ${number(one.median, one.style)}`;
  }

  function profile(region) {
    if (!region.profile.some((standing) => typeof standing === "number")) return [];
    return [
      el("h4", {}, "Profile beside the clusters"),
      el("p", { class: "quiet" }, "The share of the clusters it is ahead of; level ones count half. The upright mark is the median cluster; a line spans where the ends of a 95\u202f% interval would stand."),
      el("ul", { class: "profile" }, data.profile.map((one, place) => bar(one, region.profile[place], region))),
    ];
  }

  function peers(region) {
    const found = region.peers.map(([id, distance, ahead, behind]) => [data.regions[numbers.get(id)], distance, ahead, behind]);
    if (!found.length) return [];
    const named = (names) => names.map((name) => (indicators.has(name) ? indicators.get(name).label : name)).join(", ");
    const items = found.map(([peer, distance, ahead, behind]) => el("li", {},
      el("a", { class: "region-link", href: link(peer) }, peer.name),
      el("span", { class: "quiet" }, ` at ${number(distance)} standard deviations`), " ",
      el("a", { class: "small", href: `${link(region)}&with=${encodeURIComponent(peer.id)}`, "aria-label": `Compare with ${peer.name}` }, "compare"),
      ahead.length ? el("div", { class: "small" }, `ahead in ${named(ahead)}`) : "",
      behind.length ? el("div", { class: "small" }, `behind in ${named(behind)}`) : ""));
    return [el("h4", {}, "Clusters most like it, to learn from"), el("ol", { class: "peers" }, items)];
  }

  /** Where the middle nine tenths of a region's ranks in the draws lie, its median and its own. */
  function range({ low, high, median, own }) {
    const { last } = data.doubt;
    const at = (rank) => percent(last > 1 ? (rank - 1) / (last - 1) : 0.5);
    const span = el("span", { class: "range" });
    span.style.left = at(low);
    span.style.right = `calc(100% - ${at(high)})`;
    const dot = el("span", { class: "dot" });
    dot.style.left = at(median);
    const track = el("span", { class: "track ranks", "aria-hidden": "true" }, span, dot);
    if (typeof own === "number") {
      const mark = el("span", { class: "bar" });
      mark.style.left = `calc(${at(own)} - 1px)`;
      track.append(mark);
    }
    return track;
  }

  const SHARES = [["cluster", "cluster"], ["quasi-cluster", "quasi-cluster"], ["none", "neither"], ["gone", "not found"]];

  function doubt(region) {
    if (!region.doubt) return [];
    const { median, low, high, top_ten, ranked, median_if_ranked, off_centre, status } = region.doubt;
    const { draws } = data.doubt;
    const track = range(region.doubt);
    const rows = [
      el("h4", {}, `In ${counted(draws, "draw")} of everything`),
      el("div", { class: "meter" }, el("span", {}, "Rank"),
        el("span", { class: "quiet" }, `median ${number(median)}, 5 to 95\u202f%: ${number(low)} to ${number(high)}`), track),
      shares(status),
      el("p", { class: "small" }, `Has a rank in ${number(ranked, "share")} of the draws`
        + `${typeof median_if_ranked === "number" ? `, then ${number(median_if_ranked)} in the median` : ""};`
        + ` in the top ten in ${number(top_ten, "share")}.`),
    ];
    if (off_centre) rows.push(el("p", { class: "small" }, "Off-centre: most draws put it to one side of its rank in the study."));
    return rows;
  }

  function shares(status) {
    const parts = SHARES.map(([name], place) => {
      const part = el("span", { class: `share ${name}` });
      part.style.width = percent(status[place]);
      return part;
    });
    const words = SHARES.map(([, word], place) => [word, status[place]]).filter(([, share]) => share > 0)
      .map(([word, share]) => `${word} ${number(share, "share")}`).join(", ");
    return el("div", { class: "meter" }, el("span", {}, "Verdict"), el("span", { class: "quiet" }, words || MISSING),
      el("span", { class: "track shares", "aria-hidden": "true" }, parts));
  }

  return { profile, peers, doubt, range };
})();
