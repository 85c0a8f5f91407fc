package io.dropserver.web.identity;

/**
 * A user whom the revision in service declares.
 *
 * @param name in the repository
 * @param displayName plain text
 */
public record Person(String name, String displayName, boolean admin) {}
