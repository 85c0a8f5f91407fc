/**
 * What the host hands to an app beside the request:
 *
 * ```ts
 * export default {
 *   fetch(request: Request, dropserver: Dropserver): Response | Promise<Response> { … }
 * };
 * ```
 *
 * To use these types, copy this file into the app.
 */
export interface Dropserver {
  /** Who asks; `null` for someone who is not logged in. */
  readonly user: DropserverUser | null;
  readonly appspace: DropserverAppspace;
  /** The appspace's `config`, as written in the instance repository. */
  readonly config: Readonly<Record<string, string>>;
  /**
   * Asks the owner to allow a URL, without fetching it. Answers at once: it waits for nobody, and
   * asking again is the same request. What a `fetch` is refused is asked for as well, but without a
   * reason.
   *
   * @throws TypeError where no whitelist could allow it, or when it is asked too often
   */
  requestEgress(url: string | URL, wish?: EgressWish): Promise<EgressAnswer>;
}

export interface EgressWish {
  /** `["GET"]` where it is left out. */
  readonly methods?: readonly string[];
  /** Why, for the owner; what is beyond 200 characters is left out. */
  readonly reason?: string;
}

export interface EgressAnswer {
  /** `denied`: the owner said no, which holds until the whitelist says otherwise. */
  readonly state: "allowed" | "waiting" | "denied";
  /** What the owner knows it by; `null` where it is decided, or so much waits that it was only counted. */
  readonly request: string | null;
}

export interface DropserverUser {
  /** Opaque, stable, and of this appspace alone: another appspace sees another id. */
  readonly id: string;
  /** What the person is called; not unique, and it may change. */
  readonly name: string;
  /** Names of permissions that the app's manifest declares. */
  readonly permissions: readonly string[];
}

export interface DropserverAppspace {
  readonly name: string;
  /** Where people reach the appspace, without a trailing slash. */
  readonly url: string;
}

/** What an app's entrypoint exports as its default. */
export interface DropserverApp {
  fetch(request: Request, dropserver: Dropserver): Response | Promise<Response>;
}
