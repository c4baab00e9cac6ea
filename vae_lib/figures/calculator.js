// Chapter 6: a loss in the words of one's homework; the β, σ_x² and nats an image that it stands for.
import { choice, clamp, html, oncePerFrame, place, scale, svg } from "./base.js";

/** What loss = factor · error + weight · KL stands for; null where a number makes no sense. The same as vae_lib.reductions. */
export function implied({ loss, likelihood, dataDim, latentDim, batchSize, reconstruction, kl, factor, weight, klNats }) {
  if (![dataDim, latentDim, batchSize, factor, weight].every((number) => number > 0 && number < Infinity)) return null;
  const a = factor * { image: 1, sum: batchSize, mean: 1 / dataDim }[reconstruction];
  const b = weight * { image: 1, sum: batchSize, mean: 1 / latentDim }[kl];
  if (loss !== null && loss < b * (klNats ?? 0)) return null;
  if (likelihood === "gaussian") {
    const noiseVar = b / (2 * a);
    return { scale: b, beta: 1, noiseVar, nats: loss === null ? null : loss / b + (dataDim / 2) * Math.log(2 * Math.PI * noiseVar) };
  }
  const beta = isOne(b / a) ? 1 : b / a;
  const known = loss !== null && (beta === 1 || klNats !== null);
  return { scale: a, beta, noiseVar: null, nats: known ? loss / a - (beta === 1 ? 0 : (beta - 1) * klNats) : null };
}

const isOne = (value) => Math.abs(value - 1) <= 1e-9 * Math.max(value, 1);

/** Nats that can pass the latent at most (5.10): `cost` is the total variance, or the entropy of the pixels. */
export const budget = ({ beta, noiseVar }, cost) => cost / (noiseVar === null ? beta : 2 * noiseVar);

/** A number in four digits, with a real minus; very large and small ones as powers of ten. */
export function short(value) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 99999.5 || size < 0.00099995) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${Number(digits)} × 10${superscript(Number(power))}`.replace("-", "−").replace(/^(−?)1 × /, "$1");
  }
  return String(size >= 1000 ? Math.round(value) : Number(value.toPrecision(4))).replace("-", "−");
}

const superscript = (power) => [...String(power)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");
const LOG_10 = Math.log(10);

/** What β or σ_x² means, how much can pass the latent, and what becomes of the number. */
export function sentences(state, images) {
  const found = implied(state);
  if (!found) return ["D, d, B and the KL's factor must be numbers above 0, and the loss at least its KL term, since no error is negative. Look for a sign, or another reduction."];
  const meaning = found.noiseVar === null ? ofBeta(found) : ofNoise(found, images);
  return [meaning, ...batches(state), ...(state.grey ? [] : room(found, images)), ...number(state, found, images)];
}

function ofBeta({ beta, scale: times }) {
  if (beta === 1) return isOne(times) ? "β = 1: this is J itself, −ELBO in nats an image." : `β = 1: this is J times ${short(times)}; divide by that.`;
  const counts = beta > 1 ? `the KL counts ${short(beta)} times` : `of every nat of KL only ${short(beta)} is charged`;
  return `β = ${short(beta)}: ${counts}. This is the β-objective, not the ELBO.`;
}

function ofNoise({ noiseVar, scale: times }, images) {
  const what = isOne(times) ? "this is −ELBO" : `this is ${short(times)} times −ELBO`;
  const says = `σₓ² = ${short(noiseVar)}: ${what} of a Gaussian decoder with that variance, up to a constant`;
  if (!images) return `${says}.`;
  const pixel = images.variance / images.dataDim;
  const ratio = noiseVar / pixel;
  const compare = ratio > 1 ? `${short(ratio)} times that` : `1/${short(1 / ratio)} of that`;
  return `${says}. A pixel of ${images.called} has a variance of ${short(pixel)} on average; the decoder expects noise of ${compare}.`;
}

function batches({ reconstruction, kl }) {
  if ((reconstruction === "sum") === (kl === "sum")) return [];
  return ["One term is summed over the batch and the other averaged: their balance goes with B, and the last, smaller batch has another."];
}

function room(found, images) {
  if (!images) return [];
  const nats = budget(found, found.noiseVar === null ? images.entropy : images.variance);
  const most = `At most ${short(nats)} nats an image can pass the latent (5.10)`;
  if (nats < 0.1) return [`${most}: the latent is as good as dead before any training.`];
  return [nats < LOG_10 ? `${most}: too few to tell ten digits apart, which takes log 10 = 2.30.` : `${most}.`];
}

function number({ loss, likelihood, klNats, dataDim, grey }, { beta, noiseVar, nats, scale: times }, images) {
  if (grey) return ["Grey pixels are not Bernoulli data: whatever this number is, it is no −log p(x)."];
  if (loss === null) return [];
  if (nats === null) return [`From the loss alone no ELBO can be had, since β is not 1: give the KL too.`];
  if (noiseVar !== null) return [`${short(loss)} stands for −ELBO = ${short(nats)} nats an image, the constant D/2 log(2πσₓ²) included. It compares with other densities of the same pixels in the same unit, and with no Bernoulli's number.`];
  const said = `${short(loss)} stands for −ELBO = ${short(nats)} nats an image`;
  const coins = dataDim * Math.LN2;
  if (nats > coins) return [`${said}: worse than zero weights, which give D log 2 = ${short(coins)}.`];
  if (!images) return [`${said}. Zero weights give D log 2 = ${short(coins)}.`];
  const than = nats < images.entropy ? "better than" : "no better than";
  return [`${said}: ${than} independent pixels (${short(images.entropy)}), which need no latent; zero weights give ${short(coins)}.`];
}

const KINDS = { // how a homework calls it: the likelihood, the error's factor, and whether the pixels are grey
  squared: ["squared error", "gaussian", 1, false],
  half: ["½ squared error", "gaussian", 0.5, false],
  cross: ["cross-entropy, pixels 0 or 1", "bernoulli", 1, false],
  grey: ["cross-entropy, grey pixels", "bernoulli", 1, true],
};
const REDUCTIONS = [["image", "sum, batch averaged"], ["sum", "sum over everything"], ["mean", "mean over everything"]];
const STYLE = `
.calculator .choice, .calculator .field { display: grid; grid-template-columns: 8.2rem minmax(0, 1fr); gap: 0.6rem; align-items: center; }
.calculator select, .calculator input { min-width: 0; width: 100%; box-sizing: border-box; }
.calculator .slider { grid-template-columns: 8.2rem minmax(0, 1fr) 5.2rem; }
input[type=number] {
  min-height: 1.9rem; padding: 0.15rem 0.5rem; font: inherit; color: var(--ink); background: var(--ground);
  border: 1px solid var(--data); border-radius: 0.3rem;
}
.calculator legend { font-weight: 600; padding: 0; }
.calculator fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: 0.35rem; align-content: start; min-width: 0; }
.results { margin: 0.9rem 0 0.2rem; align-items: center; }
.said p { margin: 0.35rem 0; }
`;

/** A labelled number field; an empty one counts as null. */
function field(label, attributes, change) {
  const input = html("input", { type: "number", step: "any", ...attributes, input: () => change(input.value === "" ? null : Number(input.value)) });
  const node = html("label", { class: "field" }, html("span", {}, label), input);
  return { node, set: (value) => (input.value = value) };
}

function chosen(label, options, value, change) {
  const node = choice(label, options, change);
  const select = node.querySelector("select");
  select.value = value;
  return { node, set: (now) => (select.value = now) };
}

/** A slider over powers of ten, with its value in words beside it. */
function powers(label, [low, high], value, change) {
  const input = html("input", { type: "range", min: low, max: high, step: 0.05, value: Math.log10(value), input: () => change(Number((10 ** input.value).toPrecision(3))) });
  const output = html("output", {});
  const set = (now) => {
    input.value = clamp(Math.log10(now), low, high);
    output.textContent = `× ${short(now)}`;
    input.setAttribute("aria-valuetext", output.textContent);
  };
  set(value);
  return { node: html("label", { class: "slider" }, html("span", {}, label), input, output), set };
}

/** A logarithmic ruler at height y: a bar up to the value, a mark, ticks at powers of ten; `move(value, mark)`. */
function ruler(y, [low, high], every, colour, name) {
  const x = scale([low, high], [12, 388]);
  const at = (value) => x(clamp(Math.log10(value), low, high));
  const ticks = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => low + i * every);
  const bar = svg("rect", { x: x(low), y: y - 9, height: 9, fill: colour, "fill-opacity": 0.3 });
  const pin = svg("path", { fill: colour, stroke: colour });
  const title = svg("text", { x: 12, y: y - 42, style: `fill: ${colour}; font-weight: 600` });
  const [line, word] = [svg("line", { y1: y - 20, y2: y, stroke: "var(--ink)", "stroke-dasharray": "3 2" }), svg("text", { y: y - 24, style: "font-size: 12px" })];
  const node = svg("g", { class: "axis" }, bar, svg("line", { x1: x(low), x2: x(high), y1: y, y2: y }),
    ...ticks.flatMap((tick) => [
      svg("line", { x1: x(tick), x2: x(tick), y1: y, y2: y + 5 }),
      svg("text", { x: x(tick), y: y + 20, "text-anchor": "middle" }, short(10 ** tick)),
    ]), title, line, word, pin);
  function move(value, mark, text, heading) {
    const here = at(value);
    title.textContent = heading ?? name;
    place(bar, { width: Math.max(here - x(low), 0) });
    place(pin, { d: `M${here},${y}l-6,-14h12z` });
    const side = at(mark) > 300 ? "end" : at(mark) < 100 ? "start" : "middle";
    place(line, { x1: at(mark), x2: at(mark) });
    place(word, { x: at(mark), "text-anchor": side });
    word.textContent = text;
  }
  return { node, move };
}

export function render(root, { images: all, start }) {
  const state = { ...start };
  const set = (change) => {
    Object.assign(state, change);
    redraw();
  };
  const pixels = () => all.find(({ name }) => name === state.images);
  const setKind = (kind) => {
    const [, likelihood, factor, grey] = KINDS[kind];
    set({ kind, likelihood, factor, grey });
  };
  const setImages = (images) => set({ images, dataDim: all.find(({ name }) => name === images)?.dataDim ?? state.dataDim });

  const whole = { min: 1, step: 1, inputmode: "numeric" };
  const D = field("D, pixels", { ...whole, value: state.dataDim }, (dataDim) => set({ dataDim, images: pixels()?.dataDim === dataDim ? state.images : "others" }));
  const picked = chosen("images", [...all.map(({ name }) => [name, name]), ["others", "others"]], state.images, setImages);
  const weightField = field("the same, typed", { min: 0, value: state.weight, inputmode: "decimal" }, (weight) => set({ weight, typed: true }));
  const weight = powers("factor of the KL", [-4, 4], state.weight, (value) => set({ weight: value, typed: false }));
  const klField = field("KL, nats an image", { min: 0, placeholder: "if you know it", inputmode: "decimal" }, (klNats) => set({ klNats }));

  const first = ruler(60, [-4, 4], 2, "var(--kl)");
  const second = ruler(158, [-2, 4], 1, "var(--q)", "nats that can pass the latent, at most");
  const picture = svg("svg", { viewBox: "0 0 400 182", role: "img" }, first.node, second.node);
  const said = html("div", { class: "said", "aria-live": "polite" });
  const cells = ["β", "σₓ²", "nats through the latent", "−ELBO, nats an image"].map((name) => [name, html("td")]);
  const table = html("table", {}, html("tbody", {}, ...cells.map(([name, cell]) => html("tr", {}, html("th", { scope: "row" }, name), cell))));

  function draw() {
    const [images, found] = [pixels(), implied(state)];
    D.set(state.dataDim ?? "");
    picked.set(state.images);
    if (state.weight > 0) weight.set(state.weight);
    if (!state.typed) weightField.set(state.weight);
    klField.node.style.display = found && found.noiseVar === null && found.beta !== 1 ? "" : "none";
    said.replaceChildren(...sentences(state, images).map((text) => html("p", {}, text)));
    picture.style.visibility = table.style.visibility = found ? "" : "hidden";
    if (!found) return;
    const gaussian = found.noiseVar !== null;
    const [value, nats] = [gaussian ? found.noiseVar : found.beta, images && !state.grey ? budget(found, gaussian ? images.variance : images.entropy) : null];
    const [mark, text] = gaussian ? [images ? images.variance / images.dataDim : 1, images ? "a pixel's variance" : "1"] : [1, "1: the ELBO"];
    first.move(value, mark, text, gaussian ? `σₓ² = ${short(value)}` : `β = ${short(value)}`);
    second.node.style.display = nats === null ? "none" : "";
    if (nats !== null) second.move(nats, LOG_10, "log 10: ten digits");
    place(picture, { "aria-label": `${gaussian ? "σₓ²" : "β"} = ${short(value)}${nats !== null ? `; at most ${short(nats)} nats can pass the latent` : ""}` });
    const shown = [short(found.beta), gaussian ? short(found.noiseVar) : "none", nats === null ? "?" : `at most ${short(nats)}`, found.nats === null || state.grey ? "?" : short(found.nats)];
    cells.forEach(([, cell], i) => (cell.textContent = shown[i]));
  }

  const redraw = oncePerFrame(draw);
  root.append(html("style", {}, STYLE), html("div", { class: "calculator" },
    html("div", { class: "panels" },
      html("fieldset", {}, html("legend", {}, "Your loss = error + factor · KL"),
        chosen("error", Object.entries(KINDS).map(([kind, [text]]) => [kind, text]), state.kind, setKind).node,
        chosen("its reduction", REDUCTIONS, state.reconstruction, (reconstruction) => set({ reconstruction })).node,
        chosen("the KL's reduction", REDUCTIONS, state.kl, (kl) => set({ kl })).node,
        weight.node, weightField.node),
      html("fieldset", {}, html("legend", {}, "Your data and your number"),
        picked.node, D.node,
        field("d, latents", { ...whole, value: state.latentDim }, (latentDim) => set({ latentDim })).node,
        field("B, a batch", { ...whole, value: state.batchSize }, (batchSize) => set({ batchSize })).node,
        field("the loss printed", { value: state.loss, inputmode: "decimal" }, (loss) => set({ loss })).node,
        klField.node)),
    html("div", { class: "panels results" }, picture, table), said));
  draw();
}
