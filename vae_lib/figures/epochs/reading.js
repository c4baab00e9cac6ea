// The numbers of an epoch: the terms of the loss, and where the map lies.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";

/** Two sentences, beside the yardstick `independent`; `draw(found, settled, playing)`. */
export function reading(independent) {
  const nats = html("p", { class: "nats", "aria-live": "polite" });
  const where = html("p", { class: "where hint" });

  function draw({ still, loss, kl, centre, spread }, settled, playing) {
    if (!settled) return; // once a motion has ended, for ears
    nats.setAttribute("aria-live", playing ? "off" : "polite");
    const said =
      `Epoch ${still.epoch}: −reconstruction ${format(loss)} + KL ${format(kl)} = −ELBO ${format(loss + kl)} ` +
      `nats an image. Independent pixels: ${format(independent)} nats.`;
    if (nats.textContent !== said) nats.textContent = said;
    const [first, second] = centre.map((value, j) => `${format(value)} ± ${format(spread[j])}`);
    where.textContent =
      `Mean and standard deviation of μ over these digits: z₁ ${first}, z₂ ${second}. Of the KL, ½‖mean‖² = ` +
      `${format(0.5 * (centre[0] ** 2 + centre[1] ** 2))} nats are paid for where the whole map lies.`;
  }

  return { nats, where, draw };
}
