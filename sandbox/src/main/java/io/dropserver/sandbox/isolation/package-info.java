/**
 * Starts sandboxed processes, and confines them with namespaces, mounts, seccomp, cgroups and
 * gVisor.
 */
@NullMarked
package io.dropserver.sandbox.isolation;

import org.jspecify.annotations.NullMarked;
