// The machine's latent map: q as an ellipse over the encoded digits, and z at the end of an arm from μ.
import { place, svg } from "../base/elements.js";
import { inside, latentMap, priorCircles, UNIT, x, y } from "../base/latent-map.js";
import { words } from "../base/picture.js";

const LABEL = "The latent space: the encoded test digits, the prior, q as an ellipse, and z";

/** The map with the digits `marks`; `setZ` is told where z is put. `draw(found)` shows q and z. */
export function map(marks, setZ) {
  const ellipses = [2, 1].map(() => svg("ellipse", { class: "q" }));
  const mean = svg("path", { class: "mean" });
  const arm = svg("line", { class: "arm" });
  const [qName, zName] = [words(0, 0, "q", { colour: "q" }), words(0, 0, "z")];
  const encoded = svg("g", { class: "encoded" }, ...ellipses, mean, arm, qName);
  const { node, moveTo } = latentMap(LABEL, { under: [marks, priorCircles()], over: [encoded, zName], setZ });

  function draw({ mu, sigma, z }) {
    const [[cx, cy], [zx, zy]] = [[x(mu[0]), y(mu[1])], inside(z)];
    const radii = (k) => ({ rx: k * sigma[0] * UNIT, ry: k * sigma[1] * UNIT });
    ellipses.forEach((ellipse, i) => place(ellipse, { cx, cy, ...radii(2 - i) }));
    place(mean, { d: `M${cx - 5},${cy}h10M${cx},${cy - 5}v10` });
    place(arm, { x1: cx, y1: cy, x2: zx, y2: zy });
    moveTo(z);
    const [side, edge] = [zx >= cx ? 1 : -1, radii(2).rx + 9];
    const within = Math.abs(zy - cy) < radii(2).ry; // then z's name stands outside of the ellipse, too
    place(zName, beside(zx, zy, side * Math.max(17, within ? edge - Math.abs(zx - cx) : 0)));
    place(qName, beside(cx, cy, -edge * side));
  }

  return { node, draw };
}

/** A name to the right or to the left of a place. */
const beside = (px, py, by) => ({ x: px + by, y: py + 5, "text-anchor": by > 0 ? "start" : "end" });
