/** The reconcile loop, which brings this machine to what the repository declares. */
@NullMarked
package io.dropserver.reconciler;

import org.jspecify.annotations.NullMarked;
