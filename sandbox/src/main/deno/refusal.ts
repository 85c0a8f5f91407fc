// Responses of the egress gateway in place of a destination's. Only the gateway can send them,
// because it removes these headers from responses of destinations.

/** The gateway's socket. */
export const GATEWAY = "/run/dropserver/egress.sock";

/**
 * In responses, set by the gateway to the kind of refusal. In requests, asks only for the decision.
 */
export const DECISION = "dropserver-egress";
export const REASON = "dropserver-egress-reason";

/** The start of the reason for a recorded denial. */
export const NO_FROM_OWNER = "the owner said no";

/** Raw connections and DNS lookups, which a whitelist of URLs cannot cover. */
export const NO_TCP = "raw connections do not leave a sandbox: only HTTP and WebSocket requests do";
export const NO_DNS = "names are not looked up in a sandbox: the egress gateway does it";

/**
 * @param origin without path and query, because they may contain a secret, and errors end up in
 * logs
 * @param reason such as `not whitelisted; request 7f3a2c91 is waiting for approval`
 */
export function refused(origin: string, reason: string): string {
  return `${origin}: ${reason}`;
}
