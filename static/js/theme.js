// Runs before the first paint, so that a chosen theme never flashes in the other one.
(() => {
  const root = document.documentElement;
  const chosen = () => localStorage.getItem("odin-theme") || "system";
  const apply = () => {
    if (chosen() === "system") delete root.dataset.theme;
    else root.dataset.theme = chosen();
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
    }
  };
  apply();
  document.addEventListener("DOMContentLoaded", apply);
  addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem("odin-theme", button.dataset.themeChoice);
    apply();
  });
})();
