/** The command line. */
@NullMarked
package io.dropserver.reconciler.cli;

import org.jspecify.annotations.NullMarked;
