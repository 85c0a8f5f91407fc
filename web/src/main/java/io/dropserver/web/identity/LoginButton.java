package io.dropserver.web.identity;

/**
 * A button of the log-in page, which leads to a provider.
 *
 * @param label the name of the provider
 * @param href a path of the shell
 */
public record LoginButton(String label, String href) {}
