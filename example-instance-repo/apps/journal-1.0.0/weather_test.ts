import { equal } from "node:assert/strict";
import type { Dropserver } from "./dropserver.d.ts";
import { Weather } from "./weather.ts";

type State = Awaited<ReturnType<Dropserver["requestEgress"]>>["state"];

function told(state: State, PLACE?: string): Dropserver {
  return {
    user: null,
    appspace: { name: "diary", url: "https://diary.home.test" },
    config: PLACE === undefined ? {} : { PLACE },
    requestEgress: () => Promise.resolve({ state, request: "7f3a2c91" }),
  };
}

/** Puts an answer in the service's place for as long as the action takes. */
async function answering<T>(answer: () => Response, action: () => Promise<T>): Promise<T> {
  const original = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(answer());
  try {
    return await action();
  } finally {
    globalThis.fetch = original;
  }
}

Deno.test("without a place, or with the owner's no, there is no weather", async () => {
  equal(await new Weather().line(told("allowed")), "");
  equal(await new Weather().line(told("allowed", "nowhere")), "");
  equal(await new Weather().line(told("denied", "52.5,13.4")), "");
});

Deno.test("what the owner has not decided is named by its request", async () => {
  const line = await new Weather().line(told("waiting", "52.5,13.4"));
  equal(line, "The weather comes here once the owner allows it: request 7f3a2c91.");
});

Deno.test("the weather is said in words, and asked for once in a while", async () => {
  const weather = new Weather();
  const body = { current: { temperature_2m: -0.6, weather_code: 3 } };
  const first = await answering(
    () => Response.json(body),
    () => weather.line(told("allowed", "1,2")),
  );
  equal(first, "Outside: -1 °C, overcast.");
  equal(await weather.line(told("allowed", "1,2")), first);
});

Deno.test("a service that fails spoils no page", async () => {
  const line = await answering(
    () => new Response("no", { status: 500 }),
    () => new Weather().line(told("allowed", "1,2")),
  );
  equal(line, "The weather service is out of reach just now.");
});
