// What the atlas says: where z is, and whose codes lie around it.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";

const CLEAR = 0.75; // the share of one digit above which it is named alone

/** The sentence below the picture; ears hear it once z rests. */
export function reading() {
  const node = html("p", { class: "said" });
  const draw = (z, found, isDrifting) => {
    node.setAttribute("aria-live", isDrifting ? "off" : "polite");
    node.textContent = `z = (${z.map((value) => format(value)).join(", ")}). ${sentence(found)}`;
  };
  return { node, draw };
}

function sentence([first, second]) {
  if (!first) return "No picture's code lies near: the decoder invents.";
  if (first[1] >= CLEAR) return `Around it lie codes of ${first[0]}s.`;
  return `Around it codes of ${first[0]}s and ${second[0]}s meet.`;
}
