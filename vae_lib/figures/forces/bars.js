// Ten bars: the shares of the digits among the draws, each beside a line for the data's share.
import { place, svg } from "../base/elements.js";
import { picture, verticalAxis } from "../base/picture.js";
import { scale } from "../base/scale.js";

const [LEFT, TOP, BOTTOM, WIDTH] = [36, 8, 100, 20];
const MOST = 0.8; // of the draws, that one digit has
const LABEL = "The share of each digit among 2,000 draws, beside its share of the data";

/** `share` are the data's; `draw(classes)`. */
export function bars(share) {
  const y = scale([0, 100 * MOST], [BOTTOM, TOP]);
  const left = (k) => LEFT + 9 + 32 * k;
  const each = share.map((_, k) => svg("rect", { x: left(k), width: WIDTH, fill: `var(--digit-${k})` }));
  const level = (part, k) => svg("path", { class: "level", d: `M${left(k) - 5},${y(100 * part)}h${WIDTH + 10}` });
  const name = (_, k) => svg("text", { x: left(k) + WIDTH / 2, y: BOTTOM + 17, "text-anchor": "middle" }, String(k));
  const node = picture(
    360,
    120,
    LABEL,
    verticalAxis(y, [0, 40, 80], LEFT, ""),
    ...each,
    ...share.map(level),
    ...share.map(name),
  );

  function draw(classes) {
    classes.forEach((part, k) => {
      const top = y(100 * part);
      place(each[k], { y: top.toFixed(1), height: (BOTTOM - top).toFixed(1) });
    });
  }

  return { node, draw };
}
