/* The component: asks the kernel one thing at a time, draws what it answers. */
const REST_MS = 150;

function render({ model, el: outer }) {
  const root = el("div", { class: "gc-explorer" });
  outer.append(root);
  const state = { regions: new Map(), order: [], chosen: "", card: null, busy: false, wish: null, number: 0, asked: 0 };
  const waiting = [], untold = [];
  const note = el("p", { class: "gc-status", role: "alert", hidden: true });
  const took = el("span", { class: "gc-quiet gc-took" });

  /* one request at a time; of slider moves and views only the latest is kept; what is left over waits, and what nobody has asked for yet waits longest */
  const rank = ({ act }) => (act === "ahead" ? 2 : act === "more" ? 1 : 0);
  const quiet = (act) => act === "ahead" || act === "more" || act === "view";
  function ask(act, content) {
    const request = { act, ...content, asked: performance.now() };
    const passed = (one) => act === one.act && (quiet(act) || (act === "set" && one.name === request.name && !one.done));
    const at = waiting.findIndex(passed);
    if (at >= 0) waiting.splice(at, 1);
    const later = waiting.findIndex((one) => rank(one) > rank(request));
    waiting.splice(later < 0 ? waiting.length : later, 0, request);
    if (!quiet(act)) clearTimeout(state.rest);
    next();
  }
  function next() {
    if (state.busy) return;
    while (waiting.length && waiting[0].act === "more" && !state.waits) waiting.shift(); // all has come by now
    if (!waiting.length) return;
    const { asked, ...request } = waiting.shift();
    state.busy = true;
    state.number += 1;
    state.act = request.act;
    if (!quiet(request.act)) state.asked = asked;
    if (request.act !== "ahead") root.dataset.busy = "true";
    model.set("request", { ...request, view: map.view(), number: state.number });
    model.save_changes();
  }

  const study = model.get("about");
  const map = makeMap(root, JSON.parse(model.get("ground")), model.get("records"), choose, () => { root.dataset.drawn = "true"; }, () => ask("view", {}));
  const sliders = makeSliders(study.controls, (name, value, done) => ask("set", { name, value, done }));
  const counts = makeCounts(choose);
  const tree = makeTree(root, (block) => { tree.mark(block.n); ask("look", { n: block.n }); if (block.region) choose(block.region, true); });
  const looked = el("p", { class: "gc-looked gc-quiet" });
  const editor = makeActs(ask, map, () => state, study.farthest_km);
  const card = makeCard(ask, (region) => editor.forRegion(region));
  const list = el("select", { "aria-label": "Region" });
  list.addEventListener("change", () => choose(list.value));

  const bar = el("div", { class: "gc-bar" }, el("label", {}, "Region ", list), editor.bar, took);
  root.append(el("header", { class: "gc-head" }, el("h2", {}, study.title), el("p", { class: "gc-quiet" }, study.words)),
    note,
    el("div", { class: "gc-grid" },
      el("aside", { class: "gc-side gc-left", "aria-label": "Settings" }, el("h3", {}, "Settings"), sliders.host),
      el("section", { class: "gc-main", "aria-label": "Map and hierarchy" }, bar, map.host, counts.host, el("h3", {}, "Density hierarchy"), tree.host, looked),
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

  const named = (fields, row) => Object.fromEntries(fields.map((field, i) => [field, row[i]]));

  /** Take over shapes that have come; forget those that hold no more. */
  function reshape({ shapes, stale }) {
    for (const id of stale) { const region = state.regions.get(id); if (region) delete region.drawn; }
    for (const [id, shape] of Object.entries(shapes)) {
      const region = state.regions.get(id);
      if (region) Object.assign(region, { drawn: polygonsOf(shape), lines: linesOf(shape), bounds: shape.bounds });
    }
    return stale.length + Object.keys(shapes).length > 0;
  }

  function take(patch) {
    for (const id of patch.gone) state.regions.delete(id);
    for (const row of patch.found) {
      const found = named(study.found, row);
      const region = state.regions.get(found.id) || { status: "none", rank: "", fates: [] };
      state.regions.set(found.id, Object.assign(region, found, { at: [found.x * STEP, found.y * STEP] }));
    }
    const listed = patch.gone.length + patch.found.length > 0;
    for (const row of patch.judged || []) {
      const judged = named(study.judged, row), region = state.regions.get(judged.id);
      Object.assign(region, judged);
    }
    const shaped = reshape(patch);
    if (listed) state.order = [...state.regions.values()].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1)).map((one) => one.id);
    const waits = !patch.done;
    const redrawn = listed || shaped || waits !== state.waits || (patch.judged && patch.judged.length);
    state.waits = waits;
    if (redrawn) map.update(state, waits, patch.seen);
    untold.push(() => tell(patch, listed));
    if (redrawn) onceDrawn(tellAll);
    else tellAll();
  }

  function tellAll() { for (const act of untold.splice(0)) act(); }

  /** Act once the map stands; it may owe its word, so not later than after a while. */
  function onceDrawn(act) {
    let done = false;
    const once = () => { if (!done) { done = true; act(); } };
    map.whenDrawn(once);
    setTimeout(once, 1500);
  }

  /** All beside the map, once the map stands: without a graphics card what else is painted holds it up. */
  function tell(patch, listed) {
    root.dataset.judging = String(!patch.done);
    if (patch.blocks) tree.update(patch.blocks, state.regions);
    counts.update(patch, state.regions);
    sliders.show(patch.values);
    editor.update(patch);
    if (listed) {
      const names = [...state.regions.values()].sort((a, b) => NAMES.compare(a.name, b.name));
      list.replaceChildren(el("option", { value: "" }, "Choose a region"), ...names.map((one) => el("option", { value: one.id }, one.name)));
      list.value = state.regions.has(state.chosen) ? state.chosen : "";
    }
    if (patch.done) tree.paint(state.regions);
    if (patch.done && state.chosen) choose(list.value, true);
    if (patch.done) root.dataset.scene = String(patch.number);
  }

  /** A page at rest has the kernel work out what the next move may ask for; while it draws, both cores are needed. */
  function rest() {
    clearTimeout(state.rest);
    state.rest = setTimeout(() => ask("ahead", {}), REST_MS);
  }

  /** Say how long it took once the map shows it; then go on with what is left. */
  function drawn(patch) {
    const asked = state.asked;
    map.whenDrawn(() => {
      const words = number((performance.now() - asked) / 1000, 2);
      if (patch.seen) root.dataset.shown = "regions";
      tellAll();
      if (patch.done) { root.dataset.shown = "all"; took.textContent = `drawn and judged in ${words} s`; rest(); }
      else if (patch.seen) took.textContent = `drawn in ${words} s, verdicts follow`;
    });
    if (patch.done) return;
    if (!patch.seen) ask("more", {});
    else onceDrawn(() => { if (state.waits) ask("more", {}); });
  }

  model.on("change:reply", () => {
    const reply = model.get("reply");
    if (reply.number !== state.number) return;
    state.busy = false;
    root.dataset.busy = "false";
    const elapsed = performance.now() - state.asked;
    if (!quiet(state.act)) {
      note.hidden = !reply.fault;
      note.textContent = reply.fault || "";
    }
    if (reply.fault && reply.values) sliders.show(reply.values);
    if (reply.patch) {
      const first = !state.started;
      take({ ...reply.patch, number: reply.number });
      root.dataset.took = (performance.now() - state.asked).toFixed(0);
      if (first) { state.started = true; map.start(study.bounds); }
      drawn(reply.patch);
    } else if (reply.ahead !== undefined) {
      if (reply.ahead) ask("ahead", {});
    } else root.dataset.answered = elapsed.toFixed(0);
    if (reply.shapes && reshape(reply.shapes)) map.update(state, state.waits, true);
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
