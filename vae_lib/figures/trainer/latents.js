// The latent line: above all q's together against the prior, below one q against its true posterior.
import { place, svg } from "../base/elements.js";
import { density } from "../base/normal.js";
import { clamp } from "../base/numbers.js";
import { axis, picture } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { decode } from "../base/small-vae.js";
import { aggregate } from "./exact.js";
import { LOG_2PI } from "./formulas.js";
import { key, stroke } from "./marks.js";

const Z = Array.from({ length: 321 }, (_, i) => -4 + i / 40);
const EDGES = Array.from({ length: 65 }, (_, i) => -4 + i / 8);
const TICKS = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
const [FIRST, SECOND] = [118, 248]; // where the two densities stand
const LEAST = 0.45; // of a density's axis
const DASHES = "9 3 2 3";
const z = scale([-4, 4], [10, 390]);
const NAME =
  "The latent line: above, the q of all points together and the prior; below, the q of one x and its true posterior";

/** The latent line; `draw(found)`. */
export function latents() {
  const all = svg("path", { class: "together" });
  const prior = svg("path", stroke("prior", 2, "6 4"));
  const rug = svg("path", stroke("q", 1));
  const posterior = svg("path", stroke("posterior", 2));
  const one = svg("path", stroke("q", 2.5, DASHES));
  const keys = [
    key(6, 16, "q of all points together", "q", 1.5),
    key(232, 16, "prior", "prior", 2, "6 4"),
    key(6, 158, "q of the ringed x", "q", 2.5, DASHES),
    key(232, 158, "true posterior", "posterior", 2),
  ];
  const ground = svg("path", { d: `M${z(-4)},${FIRST}H${z(4)}`, ...stroke("ink", 1) });
  const below = axis(z, TICKS, SECOND, "latent z");
  const node = picture(400, 290, NAME, all, prior, rug, ground, below, posterior, one, ...keys);

  function draw({ vae, codes, point, mu, sigma, terms }) {
    const heights = aggregate(codes, EDGES);
    const most = Math.max(LEAST, ...heights);
    const y = scale([0, most], [FIRST, FIRST - 92]);
    const steps = heights.map((value, k) => `V${y(value).toFixed(1)}H${z(EDGES[k + 1]).toFixed(1)}`);
    place(all, { d: `M${z(-4)},${FIRST}${steps.join("")}V${FIRST}` });
    place(prior, { d: curve(Z.map(density), y) });
    place(rug, { d: codes.map((code) => `M${z(clamp(code.mu, -4, 4)).toFixed(1)},${FIRST}v9`).join("") });
    const itsQ = Z.map((value) => density((value - mu) / sigma) / sigma);
    const itsPosterior = truePosterior(vae, point, terms);
    const peak = Math.max(LEAST, ...itsQ, ...itsPosterior);
    const lower = scale([0, peak], [SECOND, SECOND - 78]);
    place(one, { d: curve(itsQ, lower) });
    place(posterior, { d: curve(itsPosterior, lower) });
  }

  return { node, draw };
}

const curve = (values, y) => path(Z.map((at, i) => [z(at), y(values[i])]));

/** p(z|x) at each of Z. */
function truePosterior({ decoder, noiseStd }, [x0, x1], { logEvidence }) {
  const constant = -2 * Math.log(noiseStd) - LOG_2PI - logEvidence;
  return Z.map((value) => {
    const [f0, f1] = decode(decoder, [value]);
    return density(value) * Math.exp(constant - (0.5 * ((x0 - f0) ** 2 + (x1 - f1) ** 2)) / noiseStd ** 2);
  });
}
