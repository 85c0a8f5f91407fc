/**
 * Calls into the C library: the linker and errno that all native calls share, and the calls that
 * this module needs. {@code io.dropserver.sandbox.linux} has all others. Only these two packages
 * use {@code java.lang.foreign}.
 */
@NullMarked
package io.dropserver.base.linux;

import org.jspecify.annotations.NullMarked;
