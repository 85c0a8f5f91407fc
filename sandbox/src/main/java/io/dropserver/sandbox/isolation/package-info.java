/** Namespaces, seccomp, cgroups and the storage limit. */
@NullMarked
package io.dropserver.sandbox.isolation;

import org.jspecify.annotations.NullMarked;
