/* Sliders, counts against the study, acts. */
function makeSliders(controls, onSet) {
  const inputs = new Map();
  const rows = controls.map((one) => {
    const shown = el("output", {});
    const input = el("input", { type: "range", min: one.low, max: one.high, step: one.step, name: one.name });
    input.value = one.value;
    const own = el("button", { type: "button", class: "gc-own", hidden: true, title: "Back to the study's own value" }, `study: ${number(one.value, 6)}`);
    const say = (value) => {
      shown.textContent = `${number(value, 6)}${one.unit ? `\u00a0${one.unit}` : ""}`;
      input.setAttribute("aria-valuetext", shown.textContent);
      own.hidden = Math.abs(value - one.value) < 1e-9;
    };
    input.addEventListener("input", () => { say(Number(input.value)); onSet(one.name, Number(input.value), false); });
    input.addEventListener("change", () => onSet(one.name, Number(input.value), true));
    own.addEventListener("click", () => { input.value = one.value; say(one.value); onSet(one.name, one.value, true); });
    say(one.value);
    inputs.set(one.name, { input, say });
    return el("div", { class: "gc-slider" }, el("label", {}, el("span", {}, one.label), input), el("div", { class: "gc-value" }, shown, own));
  });
  return {
    host: el("div", { class: "gc-sliders" }, rows),
    show(values) {
      for (const [name, value] of Object.entries(values)) {
        const one = inputs.get(name);
        if (one && document.activeElement !== one.input) { one.input.value = value; one.say(value); }
      }
    },
  };
}

function makeCounts(onRegion) {
  const host = el("div", { class: "gc-counts", role: "status", "aria-live": "polite" });
  const fates = el("div", { class: "gc-fates" });
  return {
    host, fates,
    update(patch, regions) {
      const { counts } = patch;
      const figure = (value, words, kind) => el("div", { class: kind }, el("b", {}, value.toLocaleString("en")), el("span", {}, words));
      const noise = figure(counts.noise, `of ${counts.records.toLocaleString("en")} records in none`, "is-noise");
      host.setAttribute("aria-busy", String(!patch.done));
      if (!patch.done) { host.replaceChildren(figure(counts.regions, "regions, being judged", "is-none"), noise); return; }
      host.replaceChildren(
        figure(counts.cluster, counts.cluster === 1 ? "cluster" : "clusters", "is-cluster"),
        figure(counts["quasi-cluster"], counts["quasi-cluster"] === 1 ? "quasi-cluster" : "quasi-clusters", "is-quasi-cluster"),
        figure(counts.none, "neither", "is-none"),
        noise);
      const rows = Object.entries(FATES).filter(([name]) => patch.fate_counts[name]).map(([name, words]) => {
        const list = patch.fates[name].map((one) => {
          if (typeof one !== "string") return el("li", {}, one.name);
          const region = regions.get(one);
          return el("li", {}, el("button", { type: "button", class: "gc-link", on: { click: () => onRegion(one) } }, region ? region.name : one));
        });
        const count = patch.fate_counts[name], more = count - list.length;
        const rest = more > 0 ? el("li", { class: "gc-quiet" }, `and ${more.toLocaleString("en")} more`) : "";
        return el("details", { open: more <= 0 }, el("summary", {}, `${count.toLocaleString("en")} ${words}`), el("ul", {}, list, rest));
      });
      fates.replaceChildren(...(rows.length ? rows : [el("p", { class: "gc-quiet" }, "The same regions and verdicts as in the study.")]));
    },
  };
}
