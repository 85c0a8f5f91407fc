/** Resource usage of sandboxes, measured while they run and kept for a while. */
@NullMarked
package io.dropserver.sandbox.usage;

import org.jspecify.annotations.NullMarked;
