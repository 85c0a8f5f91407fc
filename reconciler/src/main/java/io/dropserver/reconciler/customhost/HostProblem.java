package io.dropserver.reconciler.customhost;

import io.dropserver.state.condition.AppspaceReason;

/**
 * Why a host could not be verified.
 *
 * @param message continues the host's name, such as {@code has no address}
 */
public record HostProblem(AppspaceReason reason, String message) {}
