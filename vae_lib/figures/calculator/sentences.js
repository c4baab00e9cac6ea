// What the calculator says: what a loss means, how much can pass the latent, and what becomes of the number.
import { budget, constantOf, HOLDING, implied, isOne, price, sensible } from "./formulas.js";

const NONSENSE = "D, d, B and the KL's factor must be numbers above 0, σₓ too, and the KL not below 0.";
const BELOW = {
  probability: "No −log P of pixels in 0…1 is negative: look for a sign, or for pixels outside [0, 1].",
  squared:
    "A squared error and a KL are never below 0: does the loss hold the constant D/2 log(2πσₓ²)? Then choose " +
    `“${HOLDING}”.`,
  density:
    "No −log p(x|z) with this σₓ is below the constant D/2 log(2πσₓ²): look for a sign, another σₓ, or another " +
    "reduction.",
};
const UNBALANCED =
  "One term is summed over the batch and the other averaged: their balance goes with B, and the last, smaller batch " +
  "has another.";

const TOO_GOOD = ({ called, trained }) =>
  `too good for ${called}, where this book's own network has ${short(trained)} after 100 epochs. Look for a mean ` +
  "where you chose a sum, or for a decoder that sees its x.";

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

/** All sentences about a setting; `images` are its yardsticks, or null. */
export function sentences(setting, images) {
  const found = implied(setting);
  if (!found) return [sensible(setting) ? below(setting) : NONSENSE];
  const passes = setting.grey ? [] : room(found, images);
  const pixel = found.noiseVar === null || !images ? [] : [compared(found, images)];
  return [meaning(found, setting), ...pixel, ...batches(setting), ...passes, ...number(setting, found, images)];
}

/** One sentence about a number: a loss of pixels 0 or 1, both of its terms summed for each image. */
export function oneSentence(setting, images) {
  const { loss, dataDim } = setting;
  if (loss === null) return "Any number will do.";
  if (loss <= 0 || loss >= 1) return sentences(setting, images).at(-1);
  const whole = short(loss * dataDim);
  return (
    `${short(loss)} nats for a whole image? If all of it was divided by the ${dataDim} pixels, it stands for ` +
    `${whole} nats an image; if only one of the two terms was, another model was trained.`
  );
}

const below = ({ likelihood, constant }) =>
  BELOW[likelihood === "bernoulli" ? "probability" : constant ? "density" : "squared"];

/** The loss as scale · (−log p(x|z) + β · KL), in the words of `implied`. */
function meaning(found, setting) {
  const { beta, scale } = found;
  const one = isOne(scale);
  const start = `${names(found)}: this is `;
  const end = `${constantIn(setting, found)}.`;
  if (beta === 1) return `${start}${one ? "J, " : "scale · J, where J is "}−ELBO in nats an image${end}`;
  const counts = beta > 1 ? `The KL counts ${short(beta)} times` : `Of every nat of KL only ${short(beta)} is charged`;
  const what = one ? "−log p(x|z) + β · KL" : "scale · (−log p(x|z) + β · KL)";
  return `${start}${what}, the β-objective and not J${end} ${counts}.`;
}

function names({ beta, noiseVar, scale }) {
  const noise = noiseVar === null ? "" : `σₓ² = ${short(noiseVar)}, `;
  return `${noise}β = ${short(beta)}${isOne(scale) ? "" : `, scale = ${short(scale)}`}`;
}

/** Whether a Gaussian's constant is in what was typed. */
function constantIn({ constant, dataDim }, { noiseVar }) {
  if (noiseVar === null) return "";
  const value = `D/2 log(2πσₓ²) = ${short(constantOf(noiseVar, dataDim))}`;
  return constant ? `, the Gaussian's constant included, ${value}` : `, without the Gaussian's constant, ${value}`;
}

function compared(found, images) {
  const pixel = images.variance / images.dataDim;
  const ratio = price(found) / pixel;
  const times = ratio > 1 ? `${short(ratio)} times that` : `1/${short(1 / ratio)} of that`;
  const pays = `βσₓ² = ${short(price(found))}, which decides what a latent is worth, is`;
  const what = found.beta === 1 ? "the decoder expects noise of" : pays;
  return `A pixel of ${images.called} has a variance of ${short(pixel)} on average; ${what} ${times}.`;
}

function batches({ reconstruction, kl }) {
  return (reconstruction === "sum") === (kl === "sum") ? [] : [UNBALANCED];
}

function room(found, images) {
  if (!images) return [];
  const nats = budget(found, found.noiseVar === null ? images.entropy : images.variance);
  const most = `At most ${short(nats)} nats an image can pass the latent (5.10)`;
  if (nats < 0.1) return [`${most}: the latent is as good as dead before any training.`];
  const tells = nats >= Math.log(10);
  return [tells ? `${most}.` : `${most}: too few to tell ten digits apart, which takes log 10 = 2.30.`];
}

function number({ loss, dataDim, grey }, { noiseVar, nats }, images) {
  if (grey) return ["Grey pixels are not Bernoulli data: whatever this number is, it is no −log p(x)."];
  if (loss === null) return [];
  if (nats === null) return ["From the loss alone no ELBO can be had, since β is not 1: give the KL too."];
  const said = `${short(loss)} stands for −ELBO = ${short(nats)} nats an image`;
  return [noiseVar === null ? ofBits(said, nats, dataDim * Math.LN2, images) : ofDensities(said)];
}

const ofDensities = (said) =>
  `${said}, the constant included. It compares with other densities of the same pixels in the same ` +
  "unit, and with no Bernoulli's number.";

function ofBits(said, nats, coins, images) {
  if (nats > coins) return `${said}: worse than zero weights, which give D log 2 = ${short(coins)}.`;
  if (!images) return `${said}. Zero weights give D log 2 = ${short(coins)}.`;
  if (nats < 0.7 * images.trained) return `${said}: ${TOO_GOOD(images)}`;
  const than = nats < images.entropy ? "better than" : "no better than";
  const independent = `independent pixels (${short(images.entropy)}), which need no latent`;
  return `${said}: ${than} ${independent}; zero weights give ${short(coins)}.`;
}
