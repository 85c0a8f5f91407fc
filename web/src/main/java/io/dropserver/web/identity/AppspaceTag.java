package io.dropserver.web.identity;

/**
 * What a browser keeps of the appspace on a host: values that only this server can compute, and
 * that say nothing about the appspace.
 *
 * @param appspace changes when the host is given to another appspace
 * @param version changes with the version of the app
 */
public record AppspaceTag(String appspace, String version) {}
