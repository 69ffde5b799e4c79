// A panel with data-waits is not fetched anew while somebody reads its table.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isByItself = event.target.matches?.("[data-waits]") && event.detail.elt === event.target;
  if (isByItself && event.target.querySelector("details[open]")) event.preventDefault();
});
