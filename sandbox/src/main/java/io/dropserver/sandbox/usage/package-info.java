/** Measures the resource usage of running sandboxes, and keeps the samples for ten minutes. */
@NullMarked
package io.dropserver.sandbox.usage;

import org.jspecify.annotations.NullMarked;
