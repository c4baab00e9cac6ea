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

/** The state of chapter 6's calculator that asks the same; the example's data are none of its yardsticks. */
export function asked({ pictures, example }, { of, sums, ...same }) {
  const { dataDim } = pictures.find(({ name }) => name === of);
  const { reconstruction, kl } = SUMS[sums];
  return { ...same, reconstruction, kl, dataDim, images: of === example.name ? "others" : of };
}

/** What is said of a state: first the answer, then what it rests on. */
export function answer({ pictures, example }, now) {
  const of = pictures.find(({ name }) => name === now.of);
  if (of.name === example.name) return ofExample(now, { ...example, dataDim: of.dataDim });
  const setting = settingOf(of, now);
  const said = sentences(setting, of);
  if (!implied(setting)) return said;
  if (now.loss === null) return [`Type a number. ${said[0]}`];
  const found = first(said.at(-1)).replace("give the KL too", "the calculator takes the KL too");
  return setting.grey ? [found] : [found, said[0]];
}

/** The example's number is known, whatever was chosen. */
function ofExample({ loss, kind, sums }, example) {
  if (!errorOf(kind, example)) return ["No cross-entropy takes this example's x, (1, 2, 0, −1): take a squared error."];
  const [error, kl] = terms(kind, sums, example);
  const nats = kind !== "squared" && !Object.values(SUMS[sums]).includes("mean");
  const made = `${four(error)} of reconstruction and ${four(kl)} of KL${nats ? ", in nats" : ""}`;
  const whole = four(error + kl);
  if (loss === null) return [`It is ${whole}: ${made}.`];
  if (agree(loss, error + kl)) return [right(loss, whole, made)];
  if (agree(loss, example.negativeElbo) && decimals(loss) > 1) return [asElbo(example)];
  if (agree(-loss, error + kl)) return [`No: its sign is turned. It is ${whole}, ${made}.`];
  return [`No: it is ${whole}, ${made}.`, slip(loss, example)];
}

function right(loss, whole, made) {
  return four(loss) === whole ? `Yes: ${whole} is right. It is ${made}.` : `Yes: in full it is ${whole}, ${made}.`;
}

/** The other number that has no slip, as in chapter 2's table. */
function asElbo({ J, negativeElbo }) {
  const constant = four(negativeElbo - J);
  return `Yes, as −ELBO with this ε: ${four(negativeElbo)} is J, ${four(J)}, and the constant of log 2π, ${constant}.`;
}

/** The reconstruction loss and the KL of one image, as a homework reduces them. */
function terms(kind, sums, example) {
  const { reconstruction, kl } = SUMS[sums];
  const over = (reduction, size) => (reduction === "mean" ? size : 1);
  const error = errorOf(kind, example) / over(reconstruction, example.dataDim);
  return [error, example.kl / over(kl, example.latentDim)];
}

/** The error of the whole image, σ_x = 1; none for a cross-entropy. */
function errorOf(kind, { reconstruction, dataDim }) {
  const density = reconstruction + 0.5 * dataDim * Math.log(2 * Math.PI);
  return { half: reconstruction, squared: 2 * reconstruction, density }[kind];
}

/** Which other choice leaves this number. */
function slip(loss, example) {
  const choices = Object.keys(KINDS).flatMap((kind) => Object.keys(SUMS).map((sums) => [kind, sums]));
  const made = choices.find((choice) => {
    const exact = errorOf(choice[0], example) && sum(terms(...choice, example));
    return exact && decimals(loss) > 1 && agree(loss, exact);
  });
  if (!made) return "Chapter 2 lists the slips, each with the number that it leaves.";
  return `${four(loss)} is what a ${KINDS[made[0]].text}, ${SUMS[made[1]].text}, gives.`;
}

/** Whether a number is the exact one, rounded to as many decimals as it has: one at least, and four count. */
function agree(loss, exact) {
  return Math.abs(loss - exact) <= 0.51 * 10 ** -Math.max(1, Math.min(decimals(loss), 4));
}

const decimals = (value) => (String(value).split(".")[1] ?? "").length;
const sum = ([a, b]) => a + b;
const four = (value) => String(Number(value.toFixed(4))).replace("-", "−");

/** The first sentence of several. */
const first = (text) => text.match(/^.*?\.(?= |$)/)[0];
