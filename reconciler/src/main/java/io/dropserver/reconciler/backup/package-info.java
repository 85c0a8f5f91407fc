/** Backups: schedule, scope, results and restores. */
@NullMarked
package io.dropserver.reconciler.backup;

import org.jspecify.annotations.NullMarked;
