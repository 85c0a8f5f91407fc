/** The log of the process. */
@NullMarked
package io.dropserver.cli.logging;

import org.jspecify.annotations.NullMarked;
