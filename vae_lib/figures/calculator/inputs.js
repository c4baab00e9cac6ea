// All that can be chosen and typed: the loss, and the data and the number that go with it.
import { choice, field, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { KINDS } from "./formulas.js";
import { short } from "./sentences.js";

export const REDUCTIONS = Object.entries({
  image: "sum, batch averaged",
  sum: "sum over everything",
  mean: "mean over everything",
});
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
  const typed = (label, name, attributes) => field(label, (value) => set({ [name]: value }), attributes);
  return {
    kind: choice("error", kinds, (kind) => ease({ kind })),
    noiseStd: typed("its σₓ", "noiseStd"),
    reconstruction: choice("its reduction", REDUCTIONS, (reconstruction) => ease({ reconstruction })),
    kl: choice("the KL's reduction", REDUCTIONS, (kl) => ease({ kl })),
    power: slider("factor of the KL", POWERS, (power) => set({ weight: Number((10 ** power).toPrecision(3)) })),
    weight: typed("the same, typed", "weight"),
    images: picked,
    dataDim: field("D, pixels", withDim),
    latentDim: typed("d, latents", "latentDim"),
    batchSize: typed("B, a batch", "batchSize"),
    loss: typed("the loss printed", "loss", { inputmode: "text" }), // some phones' decimal keypad has no minus
    klNats: typed("KL, nats an image", "klNats", { placeholder: "if you know it" }),
  };
}
