// The app that cron_test.ts runs.
const runs: string[] = [];
const errors: string[] = [];

function attempt(name: string, handler: () => unknown = () => runs.push(name)): void {
  try {
    Deno.cron(name, "* * * * *", handler as () => void);
  } catch (error) {
    errors.push(String(error));
  }
}

attempt("tick");
attempt("tick");
attempt("a\nb");
attempt("a ");
attempt("broken", () => {
  throw new Error("out of order");
});
Deno.cron("with options", { minute: { every: 20 } }, { backoffSchedule: [1] }, () => {
  runs.push("with options");
});
for (let i = 3; i <= 20; i++) attempt(`job ${i}`, () => {});

export default {
  fetch(request: Request) {
    switch (new URL(request.url).pathname) {
      case "/runs":
        return Response.json(runs);
      case "/errors":
        return Response.json(errors);
      default:
        return new Response("the app itself");
    }
  },
};
