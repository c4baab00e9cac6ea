// The first page: the door of the number takes what was asked there along, to the calculator of chapter 6.
addEventListener("DOMContentLoaded", () => {
  const ask = document.querySelector('[data-explorable="ask"]');
  const link = ask?.closest("li").querySelector("a");
  if (!ask?.model || !link) return;
  const chapter = link.getAttribute("href").split("#")[0];
  const follow = () => {
    const texts = Object.entries(ask.model.get("asked") ?? {}).map(([name, value]) => [name, JSON.stringify(value)]);
    if (texts.length) link.setAttribute("href", `${chapter}#figure-6-3?${new URLSearchParams(texts)}`);
  };
  ask.model.on("change:asked", follow);
  follow();
});
