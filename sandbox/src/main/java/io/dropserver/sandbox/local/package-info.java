/** Runs sandboxes on this machine: Deno inside bubblewrap, seccomp and cgroups. */
@NullMarked
package io.dropserver.sandbox.local;

import org.jspecify.annotations.NullMarked;
