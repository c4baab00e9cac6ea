// Chapter 5: a VAE with one latent is trained in the page on points of the plane; its ELBO and log p(x) are exact.
import { button, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { encode } from "../base/small-vae.js";
import { stateOf } from "../base/state.js";
import { clock } from "./clock.js";
import { curves } from "./curves.js";
import { secondMoment, termsOf, vaeOf, withoutLatent } from "./exact.js";
import { codesOf } from "./formulas.js";
import { latents } from "./latents.js";
import { plane } from "./plane.js";
import { reading } from "./reading.js";
import { admits, settings } from "./settings.js";
import { changes, longer, STEPS, trainer } from "./training.js";
import style from "./view.css";

const START = { data: "arc", seed: 1, rate: 0.005, beta: 1, chosen: 32, schedule: [] };
const FIRST = { all: "Press start, and turn β while it trains.", start: "Press start: the line looks for the points." };
const CALM = 15; // frames from a picture to the next where motion is reduced
const BOUND = "The ELBO and log p of x over the steps, and the best ELBO without a latent";
const BOTH = "The two terms of the ELBO over the steps";

export function render({ model, el }) {
  const data = model.get("data");
  const control = model.get("control") ?? "all";
  const count = data.arc.length / 2;
  const follow = trainer(data);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const frame = html("div", { class: `trainer only-${control}` });
  const loop = clock(el, onFrame);
  const [play, steps] = [button("", () => (loop.running() ? rest({}) : run())), html("span", { class: "step" })];
  const buttons = [play, button("step", one), button("reset", () => restart({})), steps];
  const inputs = settings(count, (change) => state.set(change), restart);
  const pictures = picturesOf(count, (chosen) => state.set({ chosen }));
  const text = reading();
  let frames = 0;

  function onFrame() {
    advance(STEPS);
    frames += 1;
    if (!calm.matches || frames % CALM === 0) state.set({});
  }

  function advance(more) {
    const { schedule, rate, beta } = state.now;
    state.now.schedule = longer(schedule, more, rate, beta);
    follow(state.now);
  }

  function run() {
    loop.start();
    state.set({});
  }

  function rest(change) {
    loop.stop();
    state.set(change);
  }

  function one() {
    advance(1);
    rest({});
  }

  function restart(change) {
    loop.stop();
    state.ease({ ...change, schedule: [] });
  }

  function draw(found) {
    const view = seen(found);
    for (const part of [...Object.values(pictures), text]) part.draw(view);
    inputs.draw(view);
    steps.textContent = `step ${view.t}`;
    play.textContent = loop.running() ? "pause" : "start";
    const resting = view.t ? `Paused after ${view.t} steps.` : "Nothing has been trained yet.";
    text.say(loop.running() ? `Training, ${STEPS} steps a frame.` : resting);
  }

  const state = stateOf(
    model,
    START,
    (now) => derive(data, now, follow(now)),
    draw,
    (now) => admits(count, now),
  );
  const first = html("p", { class: "first hint" }, FIRST[control]);
  frame.append(first, ...arranged(control, buttons, inputs, pictures, text));
  return mount(el, style, frame);
}

/** What the state and its training amount to. */
function derive(data, now, { params, t, rows }) {
  const x = data[now.data];
  const point = x.slice(2 * now.chosen, 2 * now.chosen + 2);
  const changed = changes(now.schedule, now.rate, now.beta);
  const still = { ...now, t, rows, changed, floor: withoutLatent(x) };
  // A motion passes through the values of plain objects; `still` has no prototype, and is not one.
  return { params: [...params], x, point, mean: rows.at(-1), still: Object.assign(Object.create(null), still) };
}

/** What follows from it for the pictures and the words. */
function seen({ params, x, point, mean, still }) {
  const vae = vaeOf(params);
  const codes = codesOf(vae.encoder, x);
  const { mu, sigma } = encode(vae.encoder, point);
  const terms = termsOf(params, ...point, vae);
  return { ...still, vae, x, point, codes, mean, terms, mu: mu[0], sigma: sigma[0], secondMoment: secondMoment(codes) };
}

function picturesOf(count, choose) {
  const line = (of, name, colour, width, dash) => ({ of, name, colour, width, dash });
  const bound = [line("elbo", "ELBO", "ink", 2.5), line("logEvidence", "log p(x)", "ink", 1.5, "5 3")];
  const terms = [line("reconstruction", "reconstruction", "decoder", 2, "7 3"), line("kl", "KL", "kl", 2.5)];
  return {
    plane: plane(count, choose),
    bound: curves(226, BOUND, bound, "gap"),
    terms: curves(200, BOTH, terms),
    latents: latents(),
  };
}

/** The whole, or *start* and its stage. */
function arranged(control, buttons, inputs, pictures, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  const [play, , , steps] = buttons;
  const shown = control === "start" ? [play, steps] : buttons;
  const stage = part(
    "stage tall",
    part("run", ...shown),
    part("plane", pictures.plane.node),
    part("bound", pictures.bound.node),
  );
  if (control === "start") return [stage, text.status];
  const numbers = part("numbers", text.table, text.widths);
  const more = tabs(
    ["numbers", numbers],
    ["terms", part("terms", pictures.terms.node)],
    ["latent line", part("latents", pictures.latents.node)],
  );
  return [stage, inputs.node, text.status, more, text.trained];
}
