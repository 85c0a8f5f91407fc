/** Writes, checks and packs apps, and adds them to an instance repository. */
@NullMarked
package io.dropserver.cli.app;

import org.jspecify.annotations.NullMarked;
