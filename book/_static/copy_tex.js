// What is copied holds the TeX of its formulas: style sheets draw their glyphs, which would be copied as nothing.
{
  function toTex(formula) {
    const { tex } = formula.dataset;
    if (formula.matches("span")) return formula.replaceWith(`\\(${tex}\\)`);
    const lines = document.createElement("pre");
    lines.textContent = `\\[\n${tex}\n\\]`;
    formula.replaceWith(lines);
  }

  /** What is selected, with each formula at its ends whole. */
  function selected() {
    const range = getSelection().getRangeAt(0).cloneRange();
    const formula = (node) => (node.closest ? node : node.parentElement)?.closest(".math");
    const [first, last] = [range.startContainer, range.endContainer].map(formula);
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const copy = document.createElement("div");
    copy.append(range.cloneContents());
    return copy;
  }

  /** Its words, in lines and paragraphs as on the page, which it must be on. */
  function words(copy) {
    copy.style = "position: fixed; left: -200vw";
    document.querySelector("article").append(copy);
    const text = copy.innerText;
    copy.remove();
    return text;
  }

  document.addEventListener("copy", (event) => {
    if (event.target.matches?.("input, textarea") || !getSelection().rangeCount) return;
    const copy = selected();
    const formulas = copy.querySelectorAll(".math");
    if (!formulas.length) return;
    formulas.forEach(toTex);
    event.clipboardData.setData("text/html", copy.innerHTML);
    event.clipboardData.setData("text/plain", words(copy));
    event.preventDefault();
  });
}
