package io.dropserver.web.headers;

/**
 * The recipient of an app's response.
 *
 * @param personal whether the response may be meant for one person, so that shared caches must not
 *     store it
 * @param members whether the appspace is members-only
 * @param document whether a browser is about to show the response in a window or a frame
 * @param browser whether the client is a browser
 */
public record ResponseRecipient(
    boolean personal, boolean members, boolean document, boolean browser) {}
