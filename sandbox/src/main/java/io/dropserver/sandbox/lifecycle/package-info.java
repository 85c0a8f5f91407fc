/**
 * Manages sandboxes: started on demand, shared, frozen while not in use, stopped when their memory
 * is needed, restarted after a crash.
 *
 * <p>{@link io.dropserver.sandbox.lifecycle.Sandboxes} has all appspaces. Each has an {@link
 * io.dropserver.sandbox.lifecycle.AppspaceSandbox}, whose {@link
 * io.dropserver.sandbox.lifecycle.SandboxState} is the only place that decides which transition may
 * happen next. No lock of an appspace is held while a sandbox starts, stops or is frozen.
 */
@NullMarked
package io.dropserver.sandbox.lifecycle;

import org.jspecify.annotations.NullMarked;
