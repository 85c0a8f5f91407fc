/** The command-line interface. */
@NullMarked
package io.dropserver.cli;

import org.jspecify.annotations.NullMarked;
