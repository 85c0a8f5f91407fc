/** What sandboxes use, measured while they run and kept for a while. */
@NullMarked
package io.dropserver.sandbox.usage;

import org.jspecify.annotations.NullMarked;
