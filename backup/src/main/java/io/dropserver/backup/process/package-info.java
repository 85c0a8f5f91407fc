/** Runs programs of the machine as child processes. */
@NullMarked
package io.dropserver.backup.process;

import org.jspecify.annotations.NullMarked;
