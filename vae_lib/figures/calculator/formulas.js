// What loss = factor · error + weight · KL stands for: β, σ_x², nats an image (5.9 to 5.11), as vae_lib.reductions.
const LOG_10 = Math.log(10);

/** How a homework calls its error: the likelihood, the error's factor, and whether the pixels are grey. */
export const KINDS = {
  squared: { text: "squared error", likelihood: "gaussian", factor: 1, grey: false },
  half: { text: "½ squared error", likelihood: "gaussian", factor: 0.5, grey: false },
  cross: { text: "cross-entropy, pixels 0 or 1", likelihood: "bernoulli", factor: 1, grey: false },
  grey: { text: "cross-entropy, grey pixels", likelihood: "bernoulli", factor: 1, grey: true },
};

/** Scale, β, σ_x² and nats an image; null where a number makes no sense. */
export function implied(setting) {
  const { loss, likelihood, dataDim, latentDim, batchSize, reconstruction, kl, factor, weight, klNats } = setting;
  if (![dataDim, latentDim, batchSize, factor, weight].every((number) => number > 0 && number < Infinity)) return null;
  const a = factor * { image: 1, sum: batchSize, mean: 1 / dataDim }[reconstruction];
  const b = weight * { image: 1, sum: batchSize, mean: 1 / latentDim }[kl];
  if (loss !== null && loss < b * (klNats ?? 0)) return null;
  if (likelihood === "gaussian") {
    const noiseVar = b / (2 * a);
    const constant = (dataDim / 2) * Math.log(2 * Math.PI * noiseVar);
    return { scale: b, beta: 1, noiseVar, nats: loss === null ? null : loss / b + constant };
  }
  const beta = isOne(b / a) ? 1 : b / a;
  const known = loss !== null && (beta === 1 || klNats !== null);
  return { scale: a, beta, noiseVar: null, nats: known ? loss / a - (beta === 1 ? 0 : (beta - 1) * klNats) : null };
}

export const isOne = (value) => Math.abs(value - 1) <= 1e-9 * Math.max(value, 1);

/** Nats that can pass the latent at most (5.10): `cost` is the total variance, or the entropy of the pixels. */
export const budget = ({ beta, noiseVar }, cost) => cost / (noiseVar === null ? beta : 2 * noiseVar);

/** What follows from the state: the setting in full, its images, what it implies, the nats that can pass the latent at
 * most, and where all that stands on the two rulers, as powers of ten. Null for what is not known. */
export function derive(all, now) {
  const images = all.find(({ name }) => name === now.images) ?? null;
  const setting = { ...now, ...KINDS[now.kind] };
  const found = implied(setting);
  if (!found) return { setting, images, found, most: null, rulers: null };
  const gaussian = found.noiseVar !== null;
  const cost = gaussian ? images?.variance : images?.entropy;
  const most = images && !setting.grey ? budget(found, cost) : null;
  const mark = gaussian && images ? images.variance / images.dataDim : 1;
  const first = { at: Math.log10(gaussian ? found.noiseVar : found.beta), mark: Math.log10(mark) };
  const second = most === null ? null : { at: Math.log10(most), mark: Math.log10(LOG_10) };
  return { setting, images, found, most, rulers: { first, second } };
}
