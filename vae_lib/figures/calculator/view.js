// Chapter 6: a loss in the words of one's homework; the β, σ_x² and nats an image that it stands for.
import { isKey } from "../base/keys.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { stateOf } from "../base/state.js";
import { derive, KINDS } from "./formulas.js";
import { inputsOf, REDUCTIONS } from "./inputs.js";
import { lossRuler } from "./loss-ruler.js";
import { rulers } from "./rulers.js";
import { oneSentence, sentences, short } from "./sentences.js";
import style from "./view.css";

const FIRST = {
  loss: "Type what a VAE's loss printed: a cross-entropy of MNIST plus the KL, summed for each image.",
  reconstruction: "The error summed or averaged: choose, and read what the same loss stands for.",
  weight: "Move the factor of the KL: how small must it be, so that ten digits can pass the latent?",
  all: "Say what your loss sums and what it averages, and type what it printed.",
};
const LOSS = ["kind", "noiseStd", "reconstruction", "kl", "power", "weight"];
const DATA = ["images", "dataDim", "latentDim", "batchSize", "loss", "klNats"];

export function render({ model, el }) {
  const { images, start } = model.get("data");
  const control = model.get("control") ?? "all";
  const inputs = inputsOf(
    images,
    (change) => state.set(change),
    (change) => state.ease(change),
  );
  const only = control === "loss";
  const [picture, numbers] = [only ? lossRuler(images[1]) : rulers(), table()];
  const said = html("div", { class: "said", "aria-live": "polite" });

  function draw(derived, settled) {
    picture.draw(derived, settled);
    if (!settled) return; // the rest is no motion
    const { setting, asked } = derived;
    for (const [name, { set }] of Object.entries(inputs)) if (name !== "power") set(setting[name]);
    if (setting.weight > 0) inputs.power.set(Math.log10(setting.weight));
    for (const [name, shown] of Object.entries({ klNats: asked, noiseStd: setting.constant }))
      inputs[name].node.style.display = shown ? "" : "none";
    numbers.draw(derived);
    const texts = only ? [oneSentence(setting, derived.images)] : sentences(setting, derived.images);
    said.replaceChildren(...texts.map((text) => html("p", {}, text)));
  }

  const state = stateOf(
    model,
    begin(control, start, images[1]),
    (now) => derive(images, now),
    draw,
    (now) => admits(images, now),
  );
  const frame = html(
    "div",
    { class: `calculator only-${control}` },
    html("p", { class: "first hint" }, FIRST[control]),
    html("div", { class: "stage" }, picture.node, control === "all" && numbers.node),
    html("div", { class: "controls" }, ...controlsOf(control, inputs)),
    said,
  );
  return mount(el, style, frame);
}

/** The state at the start: without the loss's field there is no number, and alone it is that of MNIST. */
function begin(control, start, { name, dataDim }) {
  const sums = { kind: "cross", reconstruction: "image", kl: "image" };
  if (control === "loss") return { ...start, ...sums, images: name, dataDim, loss: 96.4 };
  return control === "all" ? start : { ...start, loss: null };
}

/** Whether a state from outside is one: what is chosen can be, and what is typed is a number or nothing. */
function admits(images, { kind, reconstruction, kl, images: name, ...typed }) {
  const reduced = [reconstruction, kl].every((chosen) => REDUCTIONS.some(([one]) => one === chosen));
  const named = name === "others" || images.some((one) => one.name === name);
  const numbers = Object.values(typed).every((value) => value === null || Number.isFinite(value));
  return isKey(kind, KINDS) && reduced && named && numbers;
}

function controlsOf(control, inputs) {
  const all = (names) => names.map((name) => inputs[name].node);
  if (control === "weight") return all(["power"]);
  if (control !== "all") return all([control]);
  const group = (name, names) => html("fieldset", {}, html("legend", {}, name), ...all(names));
  return [group("Your loss = error + factor · KL", LOSS), group("Your data and your number", DATA)];
}

/** β, σ_x², the nats that pass, and −ELBO; `draw(derived)`. */
function table() {
  const names = ["β", "σₓ²", "nats through the latent", "−ELBO, nats an image"];
  const cells = names.map(() => html("td"));
  const rows = names.map((name, i) => html("tr", {}, html("th", { scope: "row" }, name), cells[i]));
  const node = html("table", {}, html("tbody", {}, ...rows));

  function draw({ setting, found, most }) {
    node.style.visibility = found ? "" : "hidden";
    if (!found) return;
    const noise = found.noiseVar === null ? "none" : short(found.noiseVar);
    const nats = found.nats === null || setting.grey ? "?" : short(found.nats);
    const shown = [short(found.beta), noise, most === null ? "?" : `at most ${short(most)}`, nats];
    cells.forEach((cell, i) => Object.assign(cell, { textContent: shown[i] }));
  }

  return { node, draw };
}
