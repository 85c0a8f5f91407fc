// What the egress gateway says instead of an answer. It says it itself: no destination can, since
// the gateway lets no header of that name through.

/** Where the gateway listens. */
export const GATEWAY = "/run/dropserver/egress.sock";

/** Set by the gateway, with the kind of the refusal; asks it for no more than its decision. */
export const DECISION = "dropserver-egress";
export const REASON = "dropserver-egress-reason";

/** How the reason of a remembered no begins. */
export const NO_FROM_OWNER = "the owner said no";

/** Raw connections and names are nothing that a whitelist of URLs could judge. */
export const NO_TCP = "raw connections do not leave a sandbox: only HTTP and WebSocket requests do";
export const NO_DNS = "names are not looked up in a sandbox: the egress gateway does it";

/**
 * @param origin without path and query: these may hold a secret, and errors end up in logs
 * @param reason such as `not whitelisted; request 7f3a2c91 is waiting for approval`
 */
export function refused(origin: string, reason: string): string {
  return `${origin}: ${reason}`;
}
