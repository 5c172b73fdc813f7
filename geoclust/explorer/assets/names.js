/* Names over the map: drawn on a canvas of their own, so that a change of regions makes no pictures of text for the map. */
function makeNames(map, ink) {
  const MOST = 120, SIZE = 13, ROOM = 4, LONGEST = 40;
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.className = "gc-names";
  canvas.setAttribute("aria-hidden", "true");
  map.getCanvasContainer().append(canvas);
  const widths = new Map();
  let listed = [], wide = 0, high = 0;

  const font = (bold) => `${bold ? 600 : 500} ${SIZE}px system-ui, sans-serif`;
  function width(text, bold) {
    const key = `${bold}${text}`;
    if (!widths.has(key)) { pen.font = font(bold); widths.set(key, pen.measureText(text).width); }
    return widths.get(key);
  }

  /** As large as the map, and as sharp as the screen. */
  function fit() {
    const { clientWidth, clientHeight } = map.getContainer(), sharp = window.devicePixelRatio || 1;
    wide = clientWidth;
    high = clientHeight;
    const [across, down] = [Math.round(wide * sharp), Math.round(high * sharp)];
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    pen.setTransform(across / wide, 0, 0, down / high, 0, 0);
  }

  /** Where a place is on the screen: on each copy of the world that can be seen. */
  function spots([x, y]) {
    const found = [];
    for (const turn of [-360, 0, 360]) {
      const at = map.project([x + turn, y]);
      if (at.x >= 0 && at.x <= wide && at.y >= 0 && at.y <= high) found.push(at);
    }
    return found;
  }

  /** Where a name begins: right of its dot, or left of it where the map ends. */
  function beside({ x, aside, text, bold }) {
    const long = width(text, bold), left = x - aside - long;
    return x + aside + long > wide && left >= 0 ? left : x + aside;
  }

  /** Those in view, the first in the list first, that leave each other room. */
  function placed() {
    const taken = [], seen = [];
    for (const one of listed) {
      if (seen.length >= MOST) break;
      for (const at of spots(one.at)) seen.push({ ...one, ...at });
    }
    return seen.map((one) => ({ ...one, left: beside(one) })).filter((one) => {
      const { left, y } = one, box = [left, y - SIZE / 2 - ROOM, left + width(one.text, one.bold) + ROOM, y + SIZE / 2 + ROOM];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return false;
      taken.push(box);
      return true;
    });
  }

  function paint() {
    fit();
    if (!wide || !high) return;
    pen.clearRect(0, 0, wide, high);
    Object.assign(pen, { textBaseline: "middle", lineJoin: "round", lineWidth: 3.5, strokeStyle: ink("halo"), fillStyle: ink("ink") });
    const shown = placed();
    for (const { text, bold, left, y } of shown) {
      pen.font = font(bold);
      pen.strokeText(text, left, y);
      pen.fillText(text, left, y);
    }
    canvas.dataset.shown = String(shown.length);
  }

  map.on("move", paint);
  map.on("resize", paint);
  return {
    paint,
    /** Names by importance: text, whether bold, where, and how far beside. */
    list(names) {
      listed = names.map((one) => ({ ...one, text: one.text.length > LONGEST ? `${one.text.slice(0, LONGEST - 2)}\u2026` : one.text }));
    },
  };
}
