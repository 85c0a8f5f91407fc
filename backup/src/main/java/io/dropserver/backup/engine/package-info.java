/** Decides what is backed up and how, and restores and verifies it. */
@NullMarked
package io.dropserver.backup.engine;

import org.jspecify.annotations.NullMarked;
