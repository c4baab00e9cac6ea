// What is deeper, folded or not: one switch for the whole book, which is remembered, and a button for each section.
// Until somebody has chosen, a phone folds it and a larger screen shows it.
// book/_ext/deeper.py writes both; book/_templates/layout.html says early what was remembered; book.css hides.
{
  const root = document.documentElement;
  const box = document.querySelector(".fold-deeper input");
  const sections = [...document.querySelectorAll("section.deeper")];

  function show(section, shown) {
    const button = section.querySelector(":scope > .show-deeper");
    section.classList.toggle("shown", shown);
    button.setAttribute("aria-expanded", shown);
    button.firstChild.data = shown ? "Fold " : "Show ";
  }

  /** Follow what the page's root says. */
  function follow() {
    box.checked = root.dataset.deeper === "folded";
    for (const section of sections) show(section, false);
  }

  function remember(choice) {
    root.dataset.deeper = choice;
    try {
      localStorage.setItem("deeper", choice);
    } catch {} // a browser that keeps nothing folds this page
  }

  /** The place that a link names, whose state (figures.js) may follow; null if there is none. */
  function placeOf(hash) {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1).split("?")[0]));
    } catch {
      return null; // a lone %
    }
  }

  /** Show the sections around the place that a link names; returns the place where one of them was folded. */
  function reveal(hash) {
    const place = placeOf(hash);
    const folded = sections.filter((section) => section.contains(place) && !section.classList.contains("shown"));
    for (const section of folded) show(section, true);
    return folded.length ? place : null;
  }

  const arrive = () => reveal(location.hash)?.scrollIntoView();

  for (const { id } of sections) document.querySelector(`.page-toc a[href="#${id}"]`)?.classList.add("to-deeper");
  for (const section of sections) {
    const button = section.querySelector(":scope > .show-deeper");
    button.addEventListener("click", () => show(section, !section.classList.contains("shown")));
  }
  box.addEventListener("change", () => {
    remember(box.checked ? "folded" : "shown");
    follow();
  });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href*='#']");
    if (link?.pathname === location.pathname) reveal(link.hash); // before the browser goes there
  });
  addEventListener("hashchange", arrive);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    try {
      root.dataset.deeper = localStorage.getItem("deeper") ?? root.dataset.deeper; // changed on another page, perhaps
    } catch {}
    follow();
  });
  follow();
  arrive();
}
