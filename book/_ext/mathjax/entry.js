// MathJax without a browser: `set` makes HTML of a formula, `styles` the style sheet of all that were set. Both return
// JSON, which makes one piece of a string that QuickJS holds in many, and which Python cannot take.
import { AssistiveMmlHandler } from "mathjax-full/js/a11y/assistive-mml.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import "mathjax-full/js/input/tex/base/BaseConfiguration.js";
import "mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js";
import "mathjax-full/js/input/tex/color/ColorConfiguration.js";
import "mathjax-full/js/input/tex/html/HtmlConfiguration.js";
import "mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { CHTML } from "mathjax-full/js/output/chtml.js";

const packages = ["base", "ams", "html", "boldsymbol", "newcommand", "color"];

/** MathJax would print the formula in red instead. */
function refuse(_, error) {
  throw error.message;
}

const adaptor = liteAdaptor();
AssistiveMmlHandler(RegisterHTMLHandler(adaptor));
const InputJax = new TeX({ packages, formatError: refuse });
const OutputJax = new CHTML({ fontURL: "mathjax", adaptiveCSS: true, matchFontHeight: false }); // book.css matches it
const page = mathjax.document("", { InputJax, OutputJax });

/** A row with a number gets no height, and browsers leave it out. */
const valid = (html) => html.replaceAll(' style="height: NaNem;"', "");

globalThis.set = (tex, display) => JSON.stringify(valid(adaptor.outerHTML(page.convert(tex, { display }))));
globalThis.styles = () => JSON.stringify(adaptor.textContent(OutputJax.styleSheet(page)));
