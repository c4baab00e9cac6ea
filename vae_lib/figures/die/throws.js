// The opening: the loss of eight throws of a coin over its logit, steps or soft, and which way is down.
import { place, svg } from "../base/elements.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { cutOut } from "../trainer/marks.js";
import { lossAt, meanLoss, share, THROWS, throwSlope } from "./coin.js";

export const AT = 1.2; // the logit of the coin as it is
const FLAT = 0.005; // nats a unit of logit: a slope that shows nothing
const [LEFT, RIGHT, TOP, FLOOR] = [34, 392, 58, 208];
const LABEL = "The loss of eight throws of a coin over its logit, and the slope of each at the coin as it is";
const GRID = Array.from({ length: 201 }, (_, i) => -4 + 0.04 * i);
const x = scale([-4, 4], [LEFT, RIGHT]);
const y = scale([0, 4], [FLOOR, TOP]);

/** The picture of a coin; `draw(found)`. */
export function throwsPicture(coin) {
  const each = THROWS.map((noise) => oneThrow(noise, coin));
  const exact = svg("path", { class: "truth", d: path(GRID.map((a) => [x(a), y(meanLoss(a, coin))])) });
  const down = words(RIGHT, 16, "", { anchor: "end" });
  const softly = words(RIGHT, 38, "", { anchor: "end", colour: "q" });
  const node = picture(
    400,
    254,
    LABEL,
    axis(x, [-4, -2, 0, 2, 4], FLOOR, ""),
    words(LEFT, FLOOR + 37, "← tails"),
    words((LEFT + RIGHT) / 2, FLOOR + 37, "logit of the coin", { anchor: "middle" }),
    words(RIGHT, FLOOR + 37, "heads →", { anchor: "end" }),
    verticalAxis(y, [0, 2, 4], LEFT, "loss, nats"),
    svg("path", { class: "now", d: `M${x(AT)},${TOP}V${FLOOR}` }),
    cutOut([LEFT, TOP - 6, RIGHT - LEFT, FLOOR - TOP + 8], ...each.map((one) => one.line), exact),
    ...each.map((one) => one.mark),
    down,
    softly,
  );

  function draw({ tau, truth, soft, still: { now } }) {
    node.classList.toggle("untold", !now.revealed);
    for (const one of each) one.draw(tau);
    down.textContent = now.revealed ? `down, exactly: ${sideOf(truth)}` : "";
    softly.textContent = now.revealed ? `down, by the soft slopes: ${sideOf(soft.mean)}` : "";
  }

  return { node, draw };
}

const sideOf = (steep) => (Math.abs(steep) < FLAT ? "none" : steep < 0 ? "heads →" : "← tails");

/** A throw's loss over the logit, and a mark at the coin that points down: to tails, to heads, or flat. */
function oneThrow(noise, coin) {
  const line = svg("path", { class: "throw" });
  const mark = svg("path", { class: "mark" });

  function draw(tau) {
    const loss = (a) => lossAt(share(a, noise, tau), coin);
    const grid = tau === 0 ? [-4, -noise - 1e-9, -noise + 1e-9, 4] : GRID;
    place(line, { d: path(grid.map((a) => [x(a), y(loss(a))])) });
    const steep = throwSlope(AT, noise, tau, coin);
    const shape = Math.abs(steep) < FLAT ? "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0" : "M8,0L-5,-6V6Z";
    const turn = steep > 0 ? "scale(-1,1)" : "";
    place(mark, { d: shape, transform: `translate(${x(AT).toFixed(1)},${y(loss(AT)).toFixed(1)})${turn}` });
  }

  return { line, mark, draw };
}
