// Deno.cron: the host sends a request at the time of each registered handler.

/** The path of the requests. The front door never passes a request of a client to it. */
const PATH = "/.dropserver/cron";
/** The header that names the job. The front door removes it from requests of clients. */
const HEADER = "dropserver-job";

const MOST = 20;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 _-]{0,62}[A-Za-z0-9_-])?$/;

type CronHandler = () => unknown;
type CronOptions = { backoffSchedule?: number[]; signal?: AbortSignal };

interface Registered {
  schedule: string | Deno.CronSchedule;
  handler: CronHandler;
}

const registered = new Map<string, Registered>();
let announced: Promise<void> | undefined;

/** Replaces `Deno.cron`. As in Deno, the promise is pending while the job is registered. */
export function cron(
  name: string,
  schedule: string | Deno.CronSchedule,
  first: CronHandler | CronOptions,
  second?: CronHandler | CronOptions,
): Promise<void> {
  const handler = typeof first === "function" ? first : second;
  const options = typeof first === "function" ? second as CronOptions | undefined : first;
  if (typeof handler !== "function") throw new TypeError("Deno.cron needs a handler");
  if (!NAME.test(name)) {
    throw new TypeError(
      "The name of a cron has 1 to 64 letters, digits, inner blanks, dashes and underscores",
    );
  }
  if (registered.has(name)) throw new TypeError(`A cron with the name ${name} exists already`);
  if (registered.size >= MOST) throw new TypeError(`An app has at most ${MOST} crons`);
  registered.set(name, { schedule, handler });
  announceSoon();
  return new Promise((resolve) =>
    options?.signal?.addEventListener("abort", () => {
      registered.delete(name);
      announceSoon();
      resolve();
    })
  );
}

/** Sends the host all registered names and schedules, once for all calls of one turn. */
function announceSoon(): void {
  announced ??= Promise.resolve().then(async () => {
    announced = undefined;
    const jobs = [...registered].map(([name, { schedule }]) => ({
      name,
      schedule: typeof schedule === "string" ? schedule : text(schedule),
    }));
    const { announceCrons } = await import("./host.ts");
    await announceCrons(jobs);
  }).catch((error) => console.warn("Deno.cron:", error));
}

/**
 * Returns a handler that answers the host's requests for crons, and passes on all other requests.
 * Without any cron it answers too, so that the host forgets those of another version of the app.
 */
export function around<Rest extends unknown[]>(
  handler: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  return (request, ...rest) => {
    const name = request.headers.get(HEADER);
    return name !== null && new URL(request.url).pathname === PATH
      ? run(name)
      : handler(request, ...rest);
  };
}

/** Status 410 makes the host forget the job. */
async function run(name: string): Promise<Response> {
  const job = registered.get(name);
  if (job === undefined) return new Response(null, { status: 410 });
  try {
    await job.handler();
    return new Response(null, { status: 204 });
  } catch (error) {
    console.error(`The cron ${name} failed:`, error);
    return new Response(null, { status: 500 });
  }
}

/** Replaces `Deno.serve`, so that its handler is asked after the crons. */
export function servingCrons(original: typeof Deno.serve): typeof Deno.serve {
  const serve = (...args: unknown[]): unknown => {
    const wrapped = args.map((argument) => {
      if (typeof argument === "function") return around(argument as Deno.ServeHandler);
      const handler = Reflect.get(Object(argument), "handler");
      return typeof handler === "function"
        ? { ...Object(argument), handler: around(handler) }
        : argument;
    });
    return Reflect.apply(original, Deno, wrapped);
  };
  return serve as typeof Deno.serve;
}

/** Writes a schedule of fields as the text of five fields. */
export function text(schedule: Deno.CronSchedule): string {
  return [
    field(schedule.minute, 0, 59),
    field(schedule.hour, 0, 23),
    field(schedule.dayOfMonth, 1, 31),
    field(schedule.month, 1, 12),
    field(schedule.dayOfWeek, 1, 7),
  ].join(" ");
}

function field(
  value: Deno.CronScheduleExpression | undefined,
  least: number,
  most: number,
): string {
  if (value === undefined) return "*";
  if (typeof value === "number") return String(value);
  if ("exact" in value) return [value.exact].flat().join(",");
  const { start, end, every } = value;
  const range = start === undefined && end === undefined ? "*" : `${start ?? least}-${end ?? most}`;
  return every === undefined ? range : `${range}/${every}`;
}
