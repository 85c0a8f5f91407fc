/**
 * The system calls and C library functions that Java does not offer, one class per concern. Only
 * this package and {@code io.dropserver.base.linux} use {@code java.lang.foreign}.
 */
@NullMarked
package io.dropserver.sandbox.linux;

import org.jspecify.annotations.NullMarked;
