// Constants of refusals, which the egress gateway sends in place of a destination's response. Only
// the gateway can send the headers below, because it removes them from responses of destinations.

/** The gateway's socket. */
export const GATEWAY = "/run/dropserver/egress.sock";

/**
 * In a response, the gateway's decision, such as the kind of refusal. In a request, `explain` asks
 * only for the decision, and `ask` requests approval.
 */
export const DECISION = "dropserver-egress";
export const REASON = "dropserver-egress-reason";

/** Messages for raw connections, DNS lookups and listeners, which no whitelist can allow. */
export const NO_TCP = "raw connections do not leave a sandbox: only HTTP and WebSocket requests do";
export const NO_DNS = "names are not looked up in a sandbox: the egress gateway does it";
export const NO_LISTENER = "an app has no network to listen on: Deno.serve or node:http serves it";

/**
 * Returns the message of an error for a refused request.
 *
 * @param origin without path and query, because they may contain a secret, and errors end up in
 * logs
 * @param reason such as `not whitelisted; request 7f3a2c91 is waiting for approval`
 */
export function refused(origin: string, reason: string): string {
  return `${origin}: ${reason}`;
}
