/** Backups of what is declared: when, of what, what became of them, and how they come back. */
@NullMarked
package io.dropserver.reconciler.backup;

import org.jspecify.annotations.NullMarked;
