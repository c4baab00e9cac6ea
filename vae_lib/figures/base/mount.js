// A figure gets its place: a shadow root with the palette, the shared style and its own, dark where the ground is dark.
import base from "./base.css";
import { html } from "./elements.js";
import palette from "palette.css";

/** Puts `children`, styled, into the shadow root of `el`, in the place of what stood there; returns how to let go. */
export function mount(el, style, ...children) {
  el.dataset.live = "";
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes arrow keys away from inputs otherwise
  const root = html("div", { class: "explorable" }, ...children);
  el.attachShadow({ mode: "open" }).append(html("style", {}, palette + base + style), root);
  const ground = () => el.toggleAttribute("data-dark", onDarkGround(el));
  const observer = new MutationObserver(() => setTimeout(ground, 300));
  for (const node of [document.documentElement, document.body]) observer.observe(node, { attributes: true });
  ground();
  requestAnimationFrame(ground); // a notebook may put `el` into the page only now
  return () => observer.disconnect();
}

/** Whether the ground on which a node stands is dark: the first ancestor with a colour of its own decides. */
function onDarkGround(node) {
  for (let at = node.parentElement; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  }
  return false;
}
