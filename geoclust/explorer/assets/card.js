/* The card of a region: its verdict and why, members, what it lacks; and what can be done to it. */
function makeCard(ask, acts) {
  const host = el("section", { class: "gc-card", "aria-label": "Region card", tabindex: "-1" });
  const idle = () => host.replaceChildren(el("p", { class: "gc-quiet" }, "Choose a region on the map, in a list or in the hierarchy."));
  const fact = (words, value) => [el("dt", {}, words), el("dd", {}, value)];

  function show(region, card) {
    if (!region) { idle(); return; }
    const rank = region.rank ? `, rank ${region.rank}` : "";
    const facts = el("dl", {}, fact("Records", `${region.records.toLocaleString("en")} (weight ${number(region.weight)})`), fact("Density per 100 km\u00b2", number(region.density)), fact("Capability", number(region.capability)), fact("Persistence", number(region.persistence)), fact("Separates at", `${number(region.birth_km)} km`), fact("Widest", `${number(region.extent_km)} km`));
    const parts = [el("h3", {}, region.name), el("p", {}, el("span", { class: `gc-badge is-${region.status}` }, STATUSES[region.status]), rank, region.country ? ` \u00b7 ${region.country}` : "", region.fates.length ? ` \u00b7 ${region.fates.join(", ")}` : ""), facts];
    if (card && card.id === region.id) {
      parts.push(el("h4", {}, "Why"), el("ul", { class: "gc-tests" }, card.tests.map((one) => el("li", { class: one.passed ? "passed" : "failed" }, `${one.passed ? "\u2713" : "\u2717"} ${one.words}`))));
      if (card.gap) parts.push(el("p", {}, el("b", {}, "To be a cluster: "), card.gap));
      parts.push(el("h4", {}, `Members (${card.count.toLocaleString("en")})`), el("ul", { class: "gc-members", tabindex: "0", "aria-label": `Members of ${region.name}` }, card.members.map((one) => el("li", {}, one.name, el("span", { class: "gc-quiet" }, ` ${one.kind}${one.place ? `, ${one.place}` : ""}`)))));
      if (card.count > card.members.length) parts.push(el("p", { class: "gc-quiet" }, `the ${card.members.length} with the strongest membership`));
    } else parts.push(el("p", { class: "gc-quiet" }, "\u2026"));
    parts.push(acts(region));
    host.replaceChildren(...parts);
  }
  idle();
  return { host, show };
}
