/** Hosts sandboxes on this machine: Deno behind bubblewrap, seccomp and cgroups. */
@NullMarked
package io.dropserver.sandbox.local;

import org.jspecify.annotations.NullMarked;
