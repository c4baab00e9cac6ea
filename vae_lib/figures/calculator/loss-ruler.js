// A ruler for the loss of one data set, in nats an image, with what a model without a latent costs marked on it.
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { axis, picture, words } from "../base/picture.js";
import { scale } from "../base/scale.js";

const LABEL = "The loss on a ruler, beside independent pixels and zero weights";
const [END, FLOOR] = [600, 62];
const x = scale([0, END], [14, 386]);

/** The picture, for the yardsticks of `images`; `draw(found)`. */
export function lossRuler({ entropy, dataDim }) {
  const bar = svg("rect", { class: "bar", x: x(0), y: FLOOR - 9, height: 9 });
  const pin = svg("path", { class: "pin", d: "M0,0l-8,-18h16z" });
  const ticks = [0, 100, 200, 300, 400, 500, 600];
  const marks = [mark(entropy, "independent pixels"), mark(dataDim * Math.LN2, "zero weights")];
  const line = axis(x, ticks, FLOOR, "nats an image");
  const node = picture(400, 106, LABEL, svg("g", { style: "--bar: var(--q)" }, bar, line, ...marks, pin));

  function draw({ setting }) {
    const here = x(clamp(setting.loss ?? 0, 0, END));
    place(bar, { width: here - x(0) });
    place(pin, { transform: `translate(${here.toFixed(1)},${FLOOR})` });
  }

  return { node, draw };
}

const mark = (nats, name) =>
  svg(
    "g",
    {},
    svg("line", { class: "mark", x1: x(nats), x2: x(nats), y1: 24, y2: FLOOR }),
    words(x(nats), 17, name, { anchor: nats > END / 2 ? "end" : "middle" }),
  );
