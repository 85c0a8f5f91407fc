import type { Dropserver } from "./dropserver.d.ts";

/** As the manifest suggests it under `egress`; until the owner allows it, no request leaves. */
const service = "https://api.open-meteo.com/v1/";

const patienceMs = 1500;
const keptMs = 15 * 60_000;

/** What the service calls the weather: codes of the World Meteorological Organization. */
const words: [upTo: number, words: string][] = [
  [0, "clear"],
  [2, "some clouds"],
  [3, "overcast"],
  [48, "fog"],
  [57, "drizzle"],
  [67, "rain"],
  [77, "snow"],
  [82, "showers"],
  [86, "snow showers"],
  [99, "thunderstorms"],
];

/** The weather of the place that the appspace's config names, `PLACE: "52.52,13.41"`. */
export class Weather {
  #text = "";
  #until = 0;

  /** A line for a person; empty where no place is named, or the owner said no. */
  async line({ config, requestEgress }: Dropserver): Promise<string> {
    const place = /^(-?\d{1,2}(?:\.\d+)?), *(-?\d{1,3}(?:\.\d+)?)$/.exec(config.PLACE ?? "");
    if (!place) return "";
    if (Date.now() < this.#until) return this.#text;
    const { state, request } = await requestEgress(service, { reason: "the weather of the day" });
    if (state === "denied") return "";
    if (state === "waiting") {
      return `The weather comes here once the owner allows it: request ${request}.`;
    }
    this.#text = await look(place[1]!, place[2]!);
    this.#until = Date.now() + keptMs;
    return this.#text;
  }
}

async function look(latitude: string, longitude: string): Promise<string> {
  const current = "temperature_2m,weather_code";
  const query = new URLSearchParams({ latitude, longitude, current });
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(`${service}forecast?${query}`, { signal });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    const { temperature_2m: degrees, weather_code: code } = (await answer.json()).current;
    const sky = words.find(([upTo]) => Number(code) <= upTo)?.[1] ?? "weather";
    return `Outside: ${Math.round(Number(degrees))} °C, ${sky}.`;
  } catch (error) {
    console.warn("no weather:", error);
    return "The weather service is out of reach just now.";
  }
}
