// All that can be chosen and typed: the loss, and the data and the number that go with it.
import { choice, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { KINDS } from "./formulas.js";
import { short } from "./sentences.js";

export const REDUCTIONS = Object.entries({
  image: "sum, batch averaged",
  sum: "sum over everything",
  mean: "mean over everything",
});
const WHOLE = { min: 1, step: 1, inputmode: "numeric" };
const DECIMAL = { step: "any", inputmode: "decimal" };
const POWERS = { min: -4, max: 4, step: 0.05, value: 0, text: (power) => `× ${short(10 ** power)}` };

/** Each input by name, `{ node, set }`; `set` shows a value. What is typed or slid is told to `set`, what is chosen to
 * `ease`; `images` are the yardsticks. */
export function inputsOf(images, set, ease) {
  const names = [...images.map(({ name }) => name), "others"];
  const dimOf = (chosen) => images.find(({ name }) => name === chosen)?.dataDim;
  const withImages = (name) => ease({ images: name, ...(dimOf(name) && { dataDim: dimOf(name) }) });
  const withDim = (dataDim) => set({ dataDim, ...(dimOf(picked.select.value) !== dataDim && { images: "others" }) });
  const options = (texts) => texts.map((text) => [text, text]);
  const kinds = Object.entries(KINDS).map(([kind, { text }]) => [kind, text]);
  const picked = choice("images", options(names), withImages);
  const typed = (label, name, attributes) => field(label, attributes, (value) => set({ [name]: value }));
  return {
    kind: choice("error", kinds, (kind) => ease({ kind })),
    noiseStd: typed("its σₓ", "noiseStd", { min: 0, ...DECIMAL }),
    reconstruction: choice("its reduction", REDUCTIONS, (reconstruction) => ease({ reconstruction })),
    kl: choice("the KL's reduction", REDUCTIONS, (kl) => ease({ kl })),
    power: slider("factor of the KL", POWERS, (power) => set({ weight: Number((10 ** power).toPrecision(3)) })),
    weight: typed("the same, typed", "weight", { min: 0, ...DECIMAL }),
    images: picked,
    dataDim: field("D, pixels", WHOLE, withDim),
    latentDim: typed("d, latents", "latentDim", WHOLE),
    batchSize: typed("B, a batch", "batchSize", WHOLE),
    loss: typed("the loss printed", "loss", DECIMAL),
    klNats: typed("KL, nats an image", "klNats", { min: 0, placeholder: "if you know it", ...DECIMAL }),
  };
}

/** A labelled number field; an empty one is null. `set` leaves alone a field that is being written in. */
function field(label, attributes, change) {
  const told = () => change(input.value === "" ? null : Number(input.value));
  const input = html("input", { type: "number", ...attributes, input: told });
  const node = html("label", { class: "field" }, html("span", {}, label), input);
  const set = (value) => {
    if (input.getRootNode().activeElement !== input) input.value = value ?? "";
  };
  return { node, set };
}
