/** The class that wires the process. */
@NullMarked
package io.dropserver.reconciler;

import org.jspecify.annotations.NullMarked;
