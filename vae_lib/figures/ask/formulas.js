// What a number stands for, in a sentence or two: the calculator's formulas, asked with four choices instead of twelve.
import { implied, KINDS } from "../calculator/formulas.js";
import { sentences } from "../calculator/sentences.js";

/** How the error and the KL are reduced, in the words of a homework. */
export const SUMS = {
  image: { text: "summed, batch averaged", reconstruction: "image", kl: "image" },
  half: { text: "error averaged, KL summed", reconstruction: "mean", kl: "image" },
  mean: { text: "averaged over everything", reconstruction: "mean", kl: "mean" },
  sum: { text: "summed over everything", reconstruction: "sum", kl: "sum" },
};

/** The calculator's setting of a state; `of` are the pictures that it chose. */
export function settingOf(of, { loss, kind, sums, latentDim, batchSize }) {
  const { reconstruction, kl } = SUMS[sums];
  const common = { weight: 1, klNats: null, noiseStd: 1 };
  return { ...KINDS[kind], ...common, loss, reconstruction, kl, latentDim, batchSize, dataDim: of.dataDim };
}

/** What is said of a state: first the answer, then what it rests on. */
export function answer({ pictures, example }, now) {
  const of = pictures.find(({ name }) => name === now.of);
  const setting = settingOf(of, now);
  if (of.name === example.name && now.kind === "half" && now.sums === "image") return compared(now.loss, example);
  const said = sentences(setting, of.variance ? of : null);
  if (!implied(setting)) return said;
  return now.loss === null ? said.slice(0, 1) : [first(said.at(-1)), said[0]];
}

/** The example's number is known to its last digit. */
function compared(loss, { J, reconstruction, kl }) {
  const sum = `${four(reconstruction)} of reconstruction and ${four(kl)} of KL, in nats`;
  if (loss === null) return [`It is ${four(J)}: ${sum}.`];
  if (Math.abs(loss - J) <= 5.1e-5) return [`Yes: ${four(loss)} is right. It is ${sum}.`];
  return [`No: it is ${four(J)}, ${sum}.`, "Chapter 2 lists the slips, each with the number that it leaves."];
}

const four = (value) => String(Number(value.toFixed(4))).replace("-", "−");

/** The first sentence of several. */
const first = (text) => text.match(/^.*?\.(?= |$)/)[0];
