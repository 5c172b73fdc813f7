"use strict";
/* Symbols and names drawn on canvas, so that a map needs no pictures and fonts from anywhere. */
geoclust.symbols = (() => {
  const { colour } = geoclust;
  const SCALE = 2;

  function canvas(size) {
    const node = document.createElement("canvas");
    node.width = node.height = size * SCALE;
    const pen = node.getContext("2d", { willReadFrequently: true });
    pen.scale(SCALE, SCALE);
    return [node, pen];
  }

  const SHAPES = {
    cluster: (pen, c) => { pen.arc(c, c, c - 3, 0, 7); },
    "quasi-cluster": (pen, c) => { pen.moveTo(c, 1.5); pen.lineTo(2 * c - 1.5, c); pen.lineTo(c, 2 * c - 1.5); pen.lineTo(1.5, c); pen.closePath(); },
    none: (pen, c) => { pen.arc(c, c, c - 4, 0, 7); },
    firm: (pen, c) => { pen.rect(3.5, 3.5, 2 * c - 7, 2 * c - 7); },
    lab: (pen, c) => { pen.moveTo(c, 2); pen.lineTo(2 * c - 2.5, 2 * c - 3.5); pen.lineTo(2.5, 2 * c - 3.5); pen.closePath(); },
    patent: (pen, c) => { pen.arc(c, c, c - 4.5, 0, 7); },
  };
  const NAMES = { none: "none", cluster: "cluster", "quasi-cluster": "quasi", firm: "firm", lab: "lab", patent: "patent" };

  /** One symbol: shape and colour both tell what it is. */
  function draw(what, size) {
    const [node, pen] = canvas(size);
    const tint = colour(NAMES[what]);
    pen.beginPath();
    SHAPES[what](pen, size / 2);
    pen.lineJoin = "round";
    pen.lineWidth = what === "none" ? 4 : 3;
    pen.strokeStyle = colour("halo");
    pen.stroke();
    pen.fillStyle = what === "none" ? colour("panel") : tint;
    pen.fill();
    if (what === "none") { pen.lineWidth = 2; pen.strokeStyle = tint; pen.stroke(); }
    return node;
  }

  function hatch() {
    const size = 8;
    const [node, pen] = canvas(size);
    pen.strokeStyle = colour("quasi");
    pen.lineWidth = 1.6;
    pen.globalAlpha = 0.75;
    for (const shift of [-size, 0, size]) { pen.beginPath(); pen.moveTo(shift, size); pen.lineTo(shift + size, 0); pen.stroke(); }
    return node;
  }

  const [, ruler] = canvas(1);

  /** A name as a picture, so that the map needs no fonts from anywhere. */
  function label(text, { bold = false, quiet = false } = {}) {
    const shown = text.length > 42 ? `${text.slice(0, 40)}\u2026` : text;
    const font = quiet ? "500 11px system-ui, sans-serif" : `${bold ? 600 : 500} 13px system-ui, sans-serif`;
    ruler.font = font;
    const node = document.createElement("canvas");
    node.width = Math.ceil(ruler.measureText(shown).width + 8) * SCALE;
    node.height = 20 * SCALE;
    const pen = node.getContext("2d", { willReadFrequently: true });
    pen.scale(SCALE, SCALE);
    pen.font = font;
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3.5;
    pen.strokeStyle = quiet ? colour("land") : colour("halo");
    pen.strokeText(shown, 4, 10);
    pen.fillStyle = quiet ? colour("quiet") : colour("ink");
    pen.fillText(shown, 4, 10);
    return node;
  }

  const pixels = (node) => node.getContext("2d").getImageData(0, 0, node.width, node.height);
  const swatch = (what) => { const node = draw(what, 20); node.setAttribute("aria-hidden", "true"); return node; };
  return { draw, hatch, label, pixels, swatch, SCALE };
})();
