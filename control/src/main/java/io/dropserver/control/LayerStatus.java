package io.dropserver.control;

/**
 * A layer of isolation, as the server's own process provides it. Immutable.
 *
 * @param name such as {@code namespaces}
 * @param detail how the layer is provided, or why it is missing
 * @param remedy the command that adds a missing layer; empty if present
 */
public record LayerStatus(String name, boolean present, String detail, String remedy) {}
