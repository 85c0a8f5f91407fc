/** {@code app dev}: runs an app from its folder, and restarts it after each change. */
@NullMarked
package io.dropserver.cli.dev;

import org.jspecify.annotations.NullMarked;
