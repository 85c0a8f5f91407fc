package io.dropserver.schema.site;

/**
 * A user of the served revision.
 *
 * @param name in the repository
 * @param displayName plain text
 * @param owner whether the user owns an appspace
 */
public record Person(String name, String displayName, boolean admin, boolean owner) {}
