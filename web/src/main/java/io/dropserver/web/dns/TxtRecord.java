package io.dropserver.web.dns;

/**
 * @param name the owner's full name, without a dot at the end
 */
public record TxtRecord(String name, String value) {}
