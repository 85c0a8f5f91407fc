/** Runs a server. */
@NullMarked
package io.dropserver.cli.run;

import org.jspecify.annotations.NullMarked;
