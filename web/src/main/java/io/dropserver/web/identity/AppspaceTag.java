package io.dropserver.web.identity;

/**
 * Identifies the appspace and the version on a host, in a cookie. Only this server can compute the
 * values, and they reveal nothing about the appspace.
 *
 * @param appspace changes when the host is assigned to another appspace
 * @param version changes with the version of the app
 */
public record AppspaceTag(String appspace, String version) {}
