/** What is backed up, how consistently, and how it comes back. */
@NullMarked
package io.dropserver.backup.engine;

import org.jspecify.annotations.NullMarked;
