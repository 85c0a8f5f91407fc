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
