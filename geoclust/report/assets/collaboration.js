"use strict";
/* The network part of a region's card: its ties, brokerage in words, roles, key partners. */
geoclust.collaboration = (() => {
  const { data, el, number, counted, MISSING } = geoclust;

  function card(region) {
    const network = region.network;
    if (!network) return [];
    const [inside, out, industry] = network.ties;
    const [brokerage, z, bridgeness, constraint, participation] = network.measures;
    const facts = [
      ["Ties inside", number(inside, "count")],
      ["Leading out", number(out, "count")],
      ["With a firm", number(industry, "count")],
      ["Bridgeness", number(bridgeness)],
      ["Constraint", number(constraint)],
      ["Participation", number(participation)],
    ];
    const against = typeof z === "number" ? ` (z\u00a0=\u00a0${number(Math.round(100 * z) / 100)})` : "";
    return [
      el("h4", {}, "Place in the network"),
      el("dl", { class: "facts" }, facts.map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", {}, text)))),
      el("p", { class: "brokerage" }, `Brokerage ${number(brokerage)}: ${network.chance}${against}.`),
      ...roles(network.roles),
      ...partners("Industry partners", network.partners.industry),
      ...partners("Research partners", network.partners.research),
    ];
  }

  function roles(counts) {
    const held = data.roles.map(([name, words], place) => [name, words, counts[place]]).filter(([, , count]) => count > 0);
    if (!held.length) return [el("p", { class: "small" }, "It stands between no two partners that are not tied themselves.")];
    return [
      el("p", { class: "small" }, "Pairs of partners, not tied themselves, that it stands between:"),
      el("ul", { class: "small" }, held.map(([name, words, count]) => el("li", {}, `${name} ${words}: ${number(count, "count")}`))),
    ];
  }

  function partners(title, found) {
    if (!found) return [];
    return [el("h5", {}, title), el("ul", { class: "key-partners" }, found.map(([name, home, pairs]) =>
      el("li", {}, name || MISSING, el("span", { class: "quiet" }, ` ${home}, ${counted(pairs, "tied pair")}`))))];
  }

  return { card };
})();
