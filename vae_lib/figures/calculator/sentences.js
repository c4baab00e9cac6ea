// What the calculator says: what a loss means, how much can pass the latent, and what becomes of the number.
import { budget, implied, isOne } from "./formulas.js";

const NONSENSE =
  "D, d, B and the KL's factor must be numbers above 0, and the loss at least its KL term, since no error is " +
  "negative. Look for a sign, or another reduction.";
const UNBALANCED =
  "One term is summed over the batch and the other averaged: their balance goes with B, and the last, smaller batch " +
  "has another.";

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
  if (!found) return [NONSENSE];
  const meaning = found.noiseVar === null ? ofBeta(found) : ofNoise(found, images);
  const passes = setting.grey ? [] : room(found, images);
  return [meaning, ...batches(setting), ...passes, ...number(setting, found, images)];
}

function ofBeta({ beta, scale: times }) {
  if (beta === 1 && isOne(times)) return "β = 1: this is J itself, −ELBO in nats an image.";
  if (beta === 1) return `β = 1: this is J times ${short(times)}; divide by that.`;
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
  return (
    `${says}. A pixel of ${images.called} has a variance of ${short(pixel)} on average; ` +
    `the decoder expects noise of ${compare}.`
  );
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
  `${said}, the constant D/2 log(2πσₓ²) included. It compares with other densities of the same pixels in the same ` +
  "unit, and with no Bernoulli's number.";

function ofBits(said, nats, coins, images) {
  if (nats > coins) return `${said}: worse than zero weights, which give D log 2 = ${short(coins)}.`;
  if (!images) return `${said}. Zero weights give D log 2 = ${short(coins)}.`;
  const than = nats < images.entropy ? "better than" : "no better than";
  const independent = `independent pixels (${short(images.entropy)}), which need no latent`;
  return `${said}: ${than} ${independent}; zero weights give ${short(coins)}.`;
}
