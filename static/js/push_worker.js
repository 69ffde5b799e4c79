// The service worker of browser push: shows what comes, and opens what it is about. It caches nothing.
self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    // Not from us; a browser still wants something to be shown.
  }
  event.waitUntil(
    self.registration.showNotification(said.title || "O.D.I.N.", {
      body: said.body || "",
      // The same message sent twice is shown once.
      tag: said.id || "odin",
      data: { url: said.url || "" },
    }),
  );
});

// The server is known by several names: what is opened is asked by the one this browser uses.
function here(url) {
  try {
    const there = new URL(url, self.location.origin);
    return self.location.origin + there.pathname + there.search + there.hash;
  } catch {
    return self.location.origin + "/";
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = here(event.notification.data?.url || "/");
  event.waitUntil(
    self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
      const open = pages.find((page) => page.url === url);
      return open ? open.focus() : self.clients.openWindow(url);
    }),
  );
});
