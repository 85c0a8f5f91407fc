package io.dropserver.web.headers;

/**
 * Who gets a response of an app.
 *
 * @param personal it may be meant for one person: no shared cache keeps it
 * @param members of a members-only appspace
 * @param document a browser is about to show it in a window or a frame
 * @param browser the client is a browser, and not another program
 */
public record Recipient(boolean personal, boolean members, boolean document, boolean browser) {}
