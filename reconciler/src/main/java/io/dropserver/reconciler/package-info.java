/** The reconcile loop, which brings this machine to the state that the repository declares. */
@NullMarked
package io.dropserver.reconciler;

import org.jspecify.annotations.NullMarked;
