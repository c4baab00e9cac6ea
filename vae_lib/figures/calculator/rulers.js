// Two logarithmic rulers: β or βσ_x², and below it the nats that can pass the latent; each with a mark to compare with.
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { price } from "./formulas.js";
import { short } from "./sentences.js";

const PASSES = "nats that can pass the latent, at most";
const ENDS = [22, 378];

/** The picture of both; `draw(found, settled)`. */
export function rulers() {
  const first = ruler(64, [-4, 4], 2, "kl");
  const second = ruler(162, [-2, 4], 1, "q");
  const node = picture(400, 186, "", first.node, second.node);

  function draw({ rulers: places, found, images, most }, settled) {
    node.style.visibility = places ? "" : "hidden";
    if (!places) return;
    const gaussian = found.noiseVar !== null;
    const name = !gaussian ? "β" : found.beta === 1 ? "σₓ²" : "βσₓ²";
    const value = `${name} = ${short(price(found))}`;
    first.draw(places.first, value, gaussian ? (images ? "a pixel's variance" : "1") : "1: the ELBO");
    second.node.style.display = places.second ? "" : "none";
    if (places.second) second.draw(places.second, PASSES, "log 10: ten digits");
    const passes = most === null ? "" : `; at most ${short(most)} nats can pass the latent`;
    if (settled) place(node, { "aria-label": value + passes });
  }

  return { node, draw };
}

/** A ruler at height `y` from 10^low to 10^high: a bar up to the value, a mark, ticks at `every` so many powers. */
function ruler(y, [low, high], every, colour) {
  const x = scale([low, high], ENDS);
  const bar = svg("rect", { class: "bar", x: x(low), y: y - 9, height: 9 });
  const pin = svg("path", { class: "pin", d: "M0,0l-6,-14h12z" });
  const line = svg("line", { class: "mark", y1: y - 20, y2: y });
  const title = words(0, y - 44, "", { colour });
  const word = words(0, y - 25, "");
  const ticks = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => tick(x, y, low + i * every));
  const base = svg("line", { x1: x(low), x2: x(high), y1: y, y2: y });
  const axis = svg("g", { class: "axis" }, base, ...ticks);
  title.classList.add("title");
  const node = svg("g", { style: `--bar: var(--${colour})` }, bar, axis, line, title, word, pin);

  function draw({ at, mark }, name, text) {
    const [here, there] = [at, mark].map((power) => x(clamp(power, low, high)));
    title.textContent = name;
    word.textContent = text;
    place(bar, { width: here - x(low) });
    place(pin, { transform: `translate(${here},${y})` });
    place(line, { x1: there, x2: there });
    place(word, { x: there, "text-anchor": there > 300 ? "end" : there < 100 ? "start" : "middle" });
  }

  return { node, draw };
}

function tick(x, y, power) {
  const line = svg("line", { x1: x(power), x2: x(power), y1: y, y2: y + 5 });
  return svg("g", {}, line, svg("text", { x: x(power), y: y + 20, "text-anchor": "middle" }, short(10 ** power)));
}
