// What is said beside a button or a link under the pointer or the focus passes when one presses elsewhere, or Escape:
// the theme's tooltips, and the lines of book/_ext/cited_works.py. A finger leaves no button, and a tooltip would stay.
{
  const root = document.documentElement;

  function passTooltips(pressed) {
    for (const button of document.querySelectorAll("[data-bs-toggle='tooltip']"))
      if (!button.contains(pressed)) bootstrap.Tooltip.getInstance(button)?.hide();
  }

  addEventListener("pointerdown", ({ target }) => passTooltips(target));
  addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    passTooltips(null);
    root.toggleAttribute("data-passed", true);
  });
  for (const event of ["pointerover", "focusin"])
    addEventListener(event, () => root.removeAttribute("data-passed"));
}
