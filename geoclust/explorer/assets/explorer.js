/* The component: asks the kernel one thing at a time, draws what it answers. */
function render({ model, el: outer }) {
  const root = el("div", { class: "gc-explorer" });
  outer.append(root);
  const state = { regions: new Map(), order: [], chosen: "", card: null, busy: false, wish: null, number: 0, asked: 0 };
  const waiting = [];
  const note = el("p", { class: "gc-status", role: "alert", hidden: true });
  const took = el("span", { class: "gc-quiet gc-took" });

  /* one request at a time; of slider moves only the latest is kept */
  function ask(act, content) {
    const request = { act, ...content };
    if (act === "set") {
      const at = waiting.findIndex((one) => one.act === "set" && one.name === request.name && !one.done);
      if (at >= 0) waiting.splice(at, 1);
    }
    waiting.push(request);
    next();
  }
  function next() {
    if (state.busy || !waiting.length) return;
    state.busy = true;
    state.number += 1;
    state.asked = performance.now();
    root.dataset.busy = "true";
    model.set("request", { ...waiting.shift(), number: state.number });
    model.save_changes();
  }

  const study = model.get("about");
  const map = makeMap(root, JSON.parse(model.get("ground")), model.get("records"), choose, () => { root.dataset.drawn = "true"; });
  const sliders = makeSliders(study.controls, (name, value, done) => ask("set", { name, value, done }));
  const counts = makeCounts(choose);
  const tree = makeTree(root, (block) => { tree.mark(block.n); ask("look", { n: block.n }); if (block.region) choose(block.region, true); });
  const looked = el("p", { class: "gc-looked gc-quiet" });
  const editor = makeActs(ask, map, () => state);
  const card = makeCard(ask, (region) => editor.forRegion(region));
  const list = el("select", { "aria-label": "Region" });
  list.addEventListener("change", () => choose(list.value));

  const bar = el("div", { class: "gc-bar" }, el("label", {}, "Region ", list), editor.bar, took);
  root.append(el("header", { class: "gc-head" }, el("h2", {}, study.title), el("p", { class: "gc-quiet" }, study.words)),
    note,
    el("div", { class: "gc-grid" },
      el("aside", { class: "gc-side gc-left", "aria-label": "Settings" }, el("h3", {}, "Settings"), sliders.host),
      el("div", { class: "gc-main" }, bar, map.host, counts.host, el("h3", {}, "Density hierarchy"), tree.host, looked),
      el("aside", { class: "gc-side gc-right", "aria-label": "Region and changes" }, card.host, editor.list, el("h3", {}, "Against the study"), counts.fates)));

  /** Show a region's card; `still`: leave the map where it is. */
  function choose(id, still) {
    state.chosen = state.regions.has(id) ? id : "";
    list.value = state.chosen;
    map.choose(state.chosen, still === true);
    card.show(state.regions.get(state.chosen), null);
    editor.chose(state.chosen);
    if (state.chosen) {
      const block = tree.blockOf(state.chosen);
      if (block) tree.mark(block.n);
      ask("card", { id: state.chosen });
    }
  }

  function take(patch) {
    for (const [id, region] of Object.entries(patch.regions)) {
      region.drawn = polygonsOf(region);
      region.lines = linesOf(region);
      state.regions.set(id, region);
    }
    const kept = new Set(patch.order);
    for (const id of [...state.regions.keys()]) if (!kept.has(id)) state.regions.delete(id);
    state.order = patch.order;
    map.update(state, Object.keys(patch.regions));
    if (patch.blocks) tree.update(patch.blocks, state.regions);
    counts.update(patch, state.regions);
    sliders.show(patch.values);
    editor.update(patch);
    const names = patch.order.map((id) => state.regions.get(id)).sort((a, b) => a.name.localeCompare(b.name));
    list.replaceChildren(el("option", { value: "" }, "Choose a region"), ...names.map((one) => el("option", { value: one.id }, one.name)));
    list.value = state.regions.has(state.chosen) ? state.chosen : "";
    tree.paint(state.regions);
    if (state.chosen) choose(list.value, true);
  }

  model.on("change:reply", () => {
    const reply = model.get("reply");
    if (reply.number !== state.number) return;
    state.busy = false;
    root.dataset.busy = "false";
    const elapsed = performance.now() - state.asked;
    note.hidden = !reply.fault;
    note.textContent = reply.fault || "";
    if (reply.fault && reply.values) sliders.show(reply.values);
    if (reply.patch) {
      const first = !state.started;
      take(reply.patch);
      root.dataset.scene = String(reply.number);
      root.dataset.took = (performance.now() - state.asked).toFixed(0);
      const asked = state.asked;
      map.whenDrawn(() => {
        root.dataset.shown = "all";
        took.textContent = `drawn in ${number((performance.now() - asked) / 1000, 2)} s`;
      });
      if (first) { state.started = true; map.start(study.bounds); }
    } else root.dataset.answered = elapsed.toFixed(0);
    if (reply.card) { state.card = reply.card; card.show(state.regions.get(state.chosen), reply.card); }
    if (reply.looked) {
      map.look(reply.looked);
      const { looked: found } = reply;
      looked.textContent = `${counted(found.records, "record")} (weight ${number(found.weight)}), apart from others at ${number(found.from_km)} km` + (found.joins ? "; the dashed line is what it would join above that." : "; nothing within the longest link to join.");
    }
    if (reply.saved) editor.saved(reply.saved);
    next();
  });

  ask("start", {});
  return () => { if (map.live) map.live.remove(); };
}

export default { render };
