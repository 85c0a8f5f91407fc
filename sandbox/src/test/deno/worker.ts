// The default export of a worker, as other hosts run it.
interface Env {
  units: string;
  user: unknown;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
  passThroughOnException(): void;
}

export default {
  fetch(_: Request, env: Env, ctx: Context): Response {
    const { waitUntil } = ctx;
    ctx.passThroughOnException();
    waitUntil(Promise.resolve());
    const own = Object.hasOwn(env, "units");
    return Response.json({ units: env.units, user: env.user, own });
  },
};
