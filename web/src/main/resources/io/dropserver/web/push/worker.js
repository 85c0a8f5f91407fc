// Shows messages that arrive by Web Push. It must have no handler for `fetch`: such a handler could
// answer requests of the shell's pages. Texts of messages come from apps.
const OPENS = /^\/notifications\/[0-9a-f]{32}$/;

addEventListener("push", (event) => {
  const { title, body, path } = event.data.json();
  event.waitUntil(
    registration.showNotification(String(title), {
      body: String(body),
      tag: String(path),
      data: String(path),
    }),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  if (OPENS.test(event.notification.data)) {
    event.waitUntil(clients.openWindow(event.notification.data));
  }
});
