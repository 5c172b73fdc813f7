/* What can be done: merge, cut, rename, drop; undo; save.  Every edit asks for its reason. */
function makeActs(ask, map, state, farthest_km) {
  let merging = "", cutting = "", who = "";
  const button = (words, act, extra) => el("button", { type: "button", on: { click: act }, ...extra }, words);
  const undo = button("Undo", () => ask("undo", {}), { disabled: true });
  const reset = button("Back to the study", () => ask("reset", {}), { disabled: true });
  const save = button("Save as a study file", () => ask("save", {}), { class: "gc-save" });
  const told = el("span", { class: "gc-quiet gc-saved", role: "status" });
  const bar = el("span", { class: "gc-acts" }, undo, reset, save, told);
  const list = el("div", { class: "gc-edits" });

  /** A small form under the card: a reason, and what else the edit needs. */
  function form(words, fields, act) {
    const reason = el("input", { name: "reason", required: true, maxlength: 400, placeholder: "why" });
    const by = el("input", { name: "by", required: true, maxlength: 200, placeholder: "who decides", value: who });
    const node = el("form", { class: "gc-form" }, el("p", {}, words), fields, el("label", {}, "Reason ", reason), el("label", {}, "By ", by), el("button", { type: "submit" }, "Apply"), button("Cancel", () => { cancel(); node.remove(); }));
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      who = by.value.trim();
      const done = act({ reason: reason.value.trim(), by: by.value.trim() });
      if (done !== false) node.remove();
    });
    return node;
  }

  function cancel() { merging = ""; if (cutting) map.endCut(); cutting = ""; }

  function forRegion(region) {
    const place = el("div", { class: "gc-forms" });
    const open = (node) => { cancel(); place.replaceChildren(node); node.querySelector("input, select").focus(); };
    const rename = () => {
      const name = el("input", { name: "name", required: true, maxlength: 200, value: region.name });
      open(form(`Rename ${region.name}`, el("label", {}, "Name ", name), (why) => ask("edit", { edit: { action: "rename", region: region.id, name: name.value.trim(), ...why } })));
    };
    const merge = () => {
      const others = [...state().regions.values()].filter((one) => one.id !== region.id).filter((one) => far(region, one) <= farthest_km).sort((a, b) => far(region, a) - far(region, b)).slice(0, 40);
      if (!others.length) { place.replaceChildren(el("p", { class: "gc-quiet", role: "status" }, `No other region within ${number(farthest_km)} km.`)); return; }
      const other = el("select", { name: "other" }, others.map((one) => el("option", { value: one.id }, `${one.name} (${number(far(region, one), 2)} km)`)));
      open(form(`Merge ${region.name} with`, el("label", {}, "Region ", other), (why) => ask("edit", { edit: { action: "merge", regions: [region.id, other.value], ...why } })));
    };
    const cut = () => {
      open(form(`Cut ${region.name}: click points of a line across it on the map, then apply.`, [], (why) => {
        const line = map.endCut();
        cutting = "";
        if (line.length < 2) { cutting = region.id; map.startCut(); return false; }
        ask("edit", { edit: { action: "split", region: region.id, line, ...why } });
        return true;
      }));
      cutting = region.id;
      map.startCut();
    };
    const drop = () => open(form(`Drop ${region.name}: its records will be in no region.`, [], (why) => ask("edit", { edit: { action: "drop", region: region.id, ...why } })));
    return el("div", { class: "gc-edit" }, el("div", { class: "gc-acts" }, button("Rename", rename), button("Merge", merge), button("Cut", cut), button("Drop", drop)), place);
  }

  function far(a, b) {
    const turn = Math.PI / 180, [x, y] = a.at, [u, v] = b.at;
    const h = Math.sin((v - y) * turn / 2) ** 2 + Math.cos(y * turn) * Math.cos(v * turn) * Math.sin((u - x) * turn / 2) ** 2;
    return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(h)));
  }

  return {
    bar, list, forRegion,
    chose(id) { if (id !== cutting && id !== merging) cancel(); },
    saved(where) { told.textContent = `saved: ${where}`; },
    update(patch) {
      undo.disabled = !patch.can_undo;
      reset.disabled = !patch.can_undo && !patch.changed.length;
      const edits = patch.edits || [];
      list.replaceChildren(...(edits.length ? [el("h3", {}, "Edits"), el("ol", {}, edits.map((one) => el("li", {}, `${one.words}: `, el("i", {}, one.reason))))] : []));
    },
  };
}
