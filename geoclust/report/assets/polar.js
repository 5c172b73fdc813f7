"use strict";
/* Regions round a pole: beyond the flat map's edge, so drawn over the globe. */
geoclust.polar = (() => {
  const { data, layers } = geoclust;
  const SVG = "http://www.w3.org/2000/svg";
  const regions = data.regions.map((region, i) => [region, i]).filter(([region]) => layers.polar(region));
  let sheet = null;

  function draw(map, globe, shown, choose) {
    if (!regions.length) return;
    if (!sheet) sheet = made(map, choose);
    const visible = globe && map.getZoom() < 9;
    sheet.style.display = visible ? "" : "none";
    if (!visible) return;
    regions.forEach(([region], n) => {
      const group = sheet.childNodes[n];
      const hidden = !shown.has(region.status) || map.transform.isLocationOccluded(new maplibregl.LngLat(region.at[0], region.at[1]));
      group.style.display = hidden ? "none" : "";
      if (hidden) return;
      const at = map.project(region.at);
      group.childNodes[0].setAttribute("d", path(map, region.outline));
      group.childNodes[1].setAttribute("transform", `translate(${at.x} ${at.y})`);
    });
  }

  const path = (map, lines) => lines.map((line) =>
    `M${line.map((point) => { const at = map.project(point); return `${at.x.toFixed(1)} ${at.y.toFixed(1)}`; }).join("L")}`).join("");

  function node(tag, attributes, ...children) {
    const found = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    found.append(...children);
    return found;
  }

  function made(map, choose) {
    const found = node("svg", { class: "polar", "aria-hidden": "true" });
    regions.forEach(([region, i]) => {
      const mark = node("g", {}, node("circle", { r: 7 }), node("text", { x: 11, y: 4 }, region.name));
      const group = node("g", { class: `polar-region ${region.status}` }, node("path", {}), mark);
      group.addEventListener("click", () => choose(i));
      found.append(group);
    });
    map.getCanvasContainer().append(found);
    return found;
  }

  return { draw, node };
})();
