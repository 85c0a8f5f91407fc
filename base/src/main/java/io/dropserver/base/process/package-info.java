/** Starts programs of the machine. No other package does. */
@NullMarked
package io.dropserver.base.process;

import org.jspecify.annotations.NullMarked;
