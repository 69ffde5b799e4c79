// Shows what belongs to the chosen protocol only: data-protocols names those it is for, by spaces.
document.addEventListener("change", ({ target }) => {
  if (target.name !== "protocol") return;
  for (const part of target.form.querySelectorAll("[data-protocols]")) {
    part.hidden = !part.dataset.protocols.split(" ").includes(target.value);
  }
});
