/** Runs the programs that make backups. */
@NullMarked
package io.dropserver.backup.process;

import org.jspecify.annotations.NullMarked;
