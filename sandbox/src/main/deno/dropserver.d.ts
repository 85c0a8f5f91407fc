/**
 * What the host passes to an app in addition to the request:
 *
 * ```ts
 * export default {
 *   fetch(request: Request, dropserver: Dropserver): Response | Promise<Response> { … }
 * };
 * ```
 *
 * Each name of `config` is a property of this object, too, as in the `env` of a worker, unless a
 * member below has the same name.
 *
 * To use these types, copy this file into the app.
 */
export interface Dropserver {
  /** The user who sent the request; `null` if the user is not logged in. */
  readonly user: DropserverUser | null;
  readonly appspace: DropserverAppspace;
  /** The appspace's `config`, as written in the instance repository. */
  readonly config: Readonly<Record<string, string>>;
  /**
   * Asks the owner to allow a URL, without fetching it. Does not wait for the decision. Repeated
   * calls for the same origin share one request. A refused `fetch` also creates a request, but
   * without a reason.
   *
   * @throws TypeError if no whitelist could allow the URL, or if the app calls this too often
   */
  requestEgress(url: string | URL, wish?: EgressWish): Promise<EgressAnswer>;
  /**
   * Lists the members of this appspace: the owner first, then by name, at most 500. Does not list
   * guests, or members of other appspaces.
   *
   * @throws TypeError if the app calls this too often, or runs for no appspace, as in its self-check
   */
  users(): Promise<readonly DropserverMember[]>;
  /**
   * Keeps the process running until the promise is settled, for work after the response. Without
   * this, the host may stop an idle process at any time. Each promise counts for at most 10
   * minutes, and 16 promises at a time. A rejection is logged. The host may still stop the process
   * for lack of room, or for another version of the app.
   */
  keepAwake(work: Promise<unknown>): void;
  /**
   * Sends a message to a member. It appears on the member's home page until it is opened, and goes
   * to the channels that the owner of the instance declared for the user. Resolves when the message
   * is stored.
   *
   * @param user a member, or the member's id
   * @throws TypeError if the user is no member, a text is invalid, or the app calls this too often
   */
  notify(user: string | { readonly id: string }, message: DropserverMessage): Promise<void>;
}

export interface DropserverMessage {
  /** One line of plain text; cut after 100 characters. */
  readonly title: string;
  /** Several lines of plain text; cut after 1000 characters. */
  readonly body?: string;
  /** The path of this appspace that opens, such as `/notes/7`; `/` by default. */
  readonly path?: string;
}

export interface EgressWish {
  /** Defaults to `["GET"]`. */
  readonly methods?: readonly string[];
  /** The reason, shown to the owner; cut after 200 characters. */
  readonly reason?: string;
}

export interface EgressAnswer {
  /** `denied`: the owner denied it, and it stays denied until the whitelist changes. */
  readonly state: "allowed" | "waiting" | "denied";
  /**
   * The id under which the owner sees the request; `null` if it is already decided, or if the host
   * did not store it because too many requests are pending.
   */
  readonly request: string | null;
}

export interface DropserverUser {
  /** Opaque, stable, and unique to this appspace: another appspace sees another id. */
  readonly id: string;
  /** The display name of the user; not unique, and may change. */
  readonly name: string;
  /** Names of permissions that the app's manifest declares. */
  readonly permissions: readonly string[];
}

export interface DropserverMember extends DropserverUser {
  /** A square image as a `data:` URL; pages need `<img>` from their own path for it. */
  readonly avatar: string;
  readonly owner: boolean;
}

export interface DropserverAppspace {
  readonly name: string;
  /** The public URL of the appspace, without a trailing slash. */
  readonly url: string;
}

/** The default export of an app's entrypoint. */
export interface DropserverApp {
  fetch(
    request: Request,
    dropserver: Dropserver,
    context: DropserverContext,
  ): Response | Promise<Response>;
}

/** The third argument of a worker. */
export interface DropserverContext {
  /** See `Dropserver.keepAwake`. */
  waitUntil(work: Promise<unknown>): void;
  /** Has no effect: there is no origin server behind the app. */
  passThroughOnException(): void;
}
