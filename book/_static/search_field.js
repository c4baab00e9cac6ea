// The field of the search looks up what is typed, at once. Its form is book/_templates/search-form.html; the theme's
// script opens the dialog, and search.js, which comes with the index when the field is first used, finds the sections.
{
  const form = document.querySelector("form.bd-search");
  const field = form.querySelector("input");
  const count = form.querySelector(".search-count");
  const list = form.querySelector("#search-hits");
  const root = document.documentElement.dataset.content_root;
  const onItsPage = !form.closest("dialog");
  let chosen = -1;
  let ready;

  /** Load the index and what searches it, once. */
  function load() {
    ready ??= ["search.js", "search_index.js"].reduce(
      (before, name) => before.then(() => loaded(name)),
      Promise.resolve(),
    );
    return ready;
  }

  function loaded(name) {
    return new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: `${root}_static/${name}` });
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  }

  /** An element with this class and these children. */
  function made(name, className, ...children) {
    const element = Object.assign(document.createElement(name), { className });
    element.append(...children);
    return element;
  }

  /** The text, with the words that were found marked. */
  function marked(text, found) {
    const isFound = (piece) => sectionSearch.words(piece).some((word) => found.has(word));
    return text
      .split(/([\p{L}\p{N}_]+(?:\.\d+)?)/u)
      .map((piece, at) => (at % 2 && isFound(piece) ? made("mark", "", piece) : piece));
  }

  function option({ address, page, title, extract }, at, found) {
    const where = page === title ? [] : [made("span", "where", page)];
    const text = made("span", "extract", ...marked(extract, found));
    const link = made("a", "", made("span", "title", ...marked(title, found)), ...where, text);
    return Object.assign(link, { href: root + address, id: `search-hit-${at}`, role: "option", tabIndex: -1 });
  }

  /** What is said of the result, for the eye and for the ear. */
  function summary(query, { count, hits, found, instead }) {
    const missing = instead.map(
      ([word, near]) => `“${word}” is in no section${near.length ? `; “${spelt(near, hits)}” is` : ""}.`,
    );
    if (!count) return `Nothing found for “${query}”.`;
    return [`${count} ${count === 1 ? "section" : "sections"}.`, ...missing].join(" ");
  }

  /** A word of the hits that has one of these stems. */
  function spelt(stems, hits) {
    const pieces = hits.flatMap(({ title, extract }) => `${title} ${extract}`.split(/[^\p{L}\p{N}_]+/u));
    return pieces.find((piece) => sectionSearch.words(piece).some((word) => stems.includes(word))) ?? stems[0];
  }

  function choose(at) {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = at;
    const hit = list.children[at];
    hit?.setAttribute("aria-selected", "true");
    hit?.scrollIntoView({ block: "nearest" });
    if (hit) field.setAttribute("aria-activedescendant", hit.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function show(query) {
    const result = query.trim() ? sectionSearch.search(query) : { hits: [] };
    list.replaceChildren(...result.hits.map((hit, at) => option(hit, at, result.found)));
    for (const hit of list.children) hit.setAttribute("aria-selected", "false");
    list.hidden = !result.hits.length;
    field.setAttribute("aria-expanded", !list.hidden);
    count.textContent = query.trim() ? summary(query.trim(), result) : "";
    list.scrollTop = 0;
    choose(list.hidden ? -1 : 0);
  }

  async function look() {
    try {
      await load();
      show(field.value);
    } catch {
      count.textContent = "The index of the search could not be loaded.";
    }
    if (onItsPage)
      history.replaceState(null, "", field.value ? `?q=${encodeURIComponent(field.value)}` : location.pathname);
  }

  field.addEventListener("focus", () => load().catch(() => {}), { once: true });
  field.addEventListener("input", look);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden) return;
    event.preventDefault();
    choose((chosen + step + list.children.length) % list.children.length);
  });
  form.addEventListener("submit", (event) => {
    if (count.textContent || onItsPage) event.preventDefault(); // else the page of the search answers
    list.children[chosen]?.click();
  });
  list.addEventListener("click", () => form.closest("dialog")?.close()); // the place may be on this page
  document.addEventListener("keydown", (event) => {
    const [at] = event.composedPath(); // in a live figure, the field itself
    if (event.key !== "/" || at.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    document.querySelector(".search-button__button").click();
  });

  if (onItsPage) {
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    field.focus();
    if (field.value) look();
  }
}
