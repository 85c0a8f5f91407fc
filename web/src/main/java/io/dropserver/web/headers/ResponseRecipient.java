package io.dropserver.web.headers;

/**
 * The recipient of an app's response.
 *
 * @param personal whether the response may be meant for one person, so that shared caches must not
 *     store it
 * @param members whether the appspace is members-only
 * @param createsContext whether a browser creates a document or a worker from the response, in
 *     which it enforces the policy of the response's headers
 * @param browser whether the client is a browser
 */
public record ResponseRecipient(
    boolean personal, boolean members, boolean createsContext, boolean browser) {}
