/** Runs restic as a child process: repositories, snapshots and progress. */
@NullMarked
package io.dropserver.backup.restic;

import org.jspecify.annotations.NullMarked;
