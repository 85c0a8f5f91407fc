package io.dropserver.control;

/**
 * The access of a user that an operation ended.
 *
 * @param links unused login links
 */
public record EndedAccess(int sessions, int links) {}
