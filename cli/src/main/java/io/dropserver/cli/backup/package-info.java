/** Backs up, restores, recovers and deletes data. */
@NullMarked
package io.dropserver.cli.backup;

import org.jspecify.annotations.NullMarked;
