/** The reconcile loop and the composition root. */
@NullMarked
package io.dropserver.reconciler;

import org.jspecify.annotations.NullMarked;
