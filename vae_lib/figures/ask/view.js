// The first page: a number is typed, what it was made of is chosen, and it is said what the number stands for.
import { choice, field } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { typed } from "../base/numbers.js";
import { noNumber, read } from "../base/pencil.js";
import { stateOf } from "../base/state.js";
import { KINDS } from "../calculator/formulas.js";
import { answer, asked, SUMS } from "./formulas.js";
import style from "./view.css";

export function render({ model, el }) {
  const data = model.get("data");
  const set = (change) => state.set(change);
  const named = (texts) => Object.entries(texts).map(([value, { text }]) => [value, text]);
  const pictures = data.pictures.map(({ name }) => [name, name]);
  const inputs = {
    loss: lossField((loss) => set({ loss })),
    of: choice("of", pictures, (of) => set({ of })),
    kind: choice("its error", named(KINDS), (kind) => set({ kind })),
    sums: choice("error and KL", named(SUMS), (sums) => set({ sums })),
    latentDim: field("latents", (latentDim) => set({ latentDim })),
    batchSize: field("a batch", (batchSize) => set({ batchSize })),
  };
  const said = html("div", { class: "said", "aria-live": "polite" });

  function draw(now) {
    for (const [name, input] of Object.entries(inputs)) input.set(now[name]);
    inputs.latentDim.node.hidden = now.sums !== "mean";
    inputs.batchSize.node.hidden = now.sums !== "sum";
    model.set("asked", asked(data, now)); // the page's link to the calculator takes it along
    const unread = inputs.loss.node.querySelector("[aria-invalid=true]")?.value;
    const texts = unread ? [`${noNumber(unread, "5.5994, −5,5994 or 157/32 + ln 2")}.`] : answer(data, now);
    said.replaceChildren(...texts.map((text) => html("p", {}, text)));
  }

  const state = stateOf(model, data.start, (now) => ({ ...now }), draw);
  const fields = html("div", { class: "fields" }, ...Object.values(inputs).map(({ node }) => node));
  return mount(el, style, html("div", { class: "ask" }, fields, said));
}

/** A field for a number as a pencil writes it; what is none is told as null. What was typed stays as it was. */
function lossField(change) {
  const input = html("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  const value = () => typed(input.value) ?? read(input.value);
  input.addEventListener("input", () => {
    const isNone = Number.isNaN(value());
    input.setAttribute("aria-invalid", isNone && input.value.trim() !== "");
    change(isNone ? null : value());
  });
  const set = (loss) => {
    const isHere = input.getRootNode().activeElement === input || input.getAttribute("aria-invalid") === "true";
    if (!isHere && value() !== loss) input.value = loss ?? "";
  };
  return { node: html("label", { class: "field" }, html("span", {}, "my loss prints"), input), set };
}
