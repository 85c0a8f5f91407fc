/** The command-line interface. */
@NullMarked
package io.dropserver.reconciler.cli;

import org.jspecify.annotations.NullMarked;
