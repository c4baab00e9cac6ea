// What loss = factor · error + weight · KL stands for: β, σ_x², nats an image (5.9 to 5.11), as vae_lib.reductions.
const LOG_10 = Math.log(10);
export const HOLDING = "full Gaussian −log p";

/** How a homework calls its error: the likelihood, the error's factor, whether the error holds the Gaussian's constant,
 * and whether the pixels are grey. */
export const KINDS = {
  squared: { text: "squared error", likelihood: "gaussian", factor: 1, constant: false, grey: false },
  half: { text: "½ squared error", likelihood: "gaussian", factor: 0.5, constant: false, grey: false },
  density: { text: HOLDING, likelihood: "gaussian", factor: 1, constant: true, grey: false },
  cross: { text: "cross-entropy, pixels 0 or 1", likelihood: "bernoulli", factor: 1, constant: false, grey: false },
  grey: { text: "cross-entropy, grey pixels", likelihood: "bernoulli", factor: 1, constant: false, grey: true },
};

/** Scale, β, σ_x² and nats an image; null where a number makes no sense, or the loss is below the least it can be. */
export function implied(setting) {
  if (!sensible(setting)) return null;
  const { loss, likelihood, dataDim, constant, noiseStd, klNats } = setting;
  const [a, b] = factors(setting);
  const squared = likelihood === "gaussian" && !constant;
  const noiseVar = squared ? b / (2 * a) : constant ? noiseStd ** 2 : null;
  const nats = noiseVar === null ? 0 : constantOf(noiseVar, dataDim);
  if (loss !== null && loss < b * (klNats ?? 0) + (constant ? a * nats : 0)) return null;
  if (squared) return { scale: b, beta: 1, noiseVar, nats: loss === null ? null : loss / b + nats };
  const beta = isOne(b / a) ? 1 : b / a;
  const charged = beta === 1 ? 0 : klNats;
  const known = loss !== null && charged !== null;
  return { scale: a, beta, noiseVar, nats: known ? loss / a - (beta - 1) * charged : null };
}

/** Are all sizes and factors above 0, and σ_x too where the loss holds the constant, and the KL not below? */
export function sensible({ dataDim, latentDim, batchSize, factor, weight, constant, noiseStd, klNats }) {
  const positive = [dataDim, latentDim, batchSize, factor, weight, constant ? noiseStd : 1];
  return positive.every((number) => number > 0 && number < Infinity) && (klNats ?? 0) >= 0;
}

/** What a sum over pixels and a sum over latents weigh in the loss, for a mean over the images. */
function factors({ factor, reconstruction, weight, kl, dataDim, latentDim, batchSize }) {
  const a = factor * { image: 1, sum: batchSize, mean: 1 / dataDim }[reconstruction];
  const b = weight * { image: 1, sum: batchSize, mean: 1 / latentDim }[kl];
  return [a, b];
}

/** The Gaussian's constant, nats an image. */
export const constantOf = (noiseVar, dataDim) => (dataDim / 2) * Math.log(2 * Math.PI * noiseVar);

export const isOne = (value) => Math.abs(value - 1) <= 1e-9 * Math.max(value, 1);

/** What decides which latents pay: β, or βσ_x². */
export const price = ({ beta, noiseVar }) => beta * (noiseVar ?? 1);

/** Nats that can pass the latent at most (5.10): `cost` is the total variance, or the entropy of the pixels. */
export const budget = (found, cost) => cost / (found.noiseVar === null ? price(found) : 2 * price(found));

/** What follows from the state: the setting in full, its images, whether its KL is asked for, what it implies, the nats
 * that can pass the latent at most, and where all that stands on the two rulers, as powers of ten. Null for what is not
 * known. A KL that is not asked for does not count. */
export function derive(all, now) {
  const images = all.find(({ name }) => name === now.images) ?? null;
  const typed = { ...now, ...KINDS[now.kind] };
  const asked = (implied({ ...typed, loss: null, klNats: null })?.beta ?? 1) !== 1;
  const setting = asked ? typed : { ...typed, klNats: null };
  const found = implied(setting);
  const [most, rulers] = found ? measured(found, setting, images) : [null, null];
  return { setting, images, asked, found, most, rulers };
}

function measured(found, { grey }, images) {
  const gaussian = found.noiseVar !== null;
  const most = images && !grey ? budget(found, gaussian ? images.variance : images.entropy) : null;
  const mark = gaussian && images ? images.variance / images.dataDim : 1;
  const first = { at: Math.log10(price(found)), mark: Math.log10(mark) };
  const second = most === null ? null : { at: Math.log10(most), mark: Math.log10(LOG_10) };
  return [most, { first, second }];
}
