/**
 * Copies of a folder that a hostile app may write to meanwhile. Everything is reached by descriptor
 * and by single names, so that no symlink is ever followed.
 */
@NullMarked
package io.dropserver.backup.copy;

import org.jspecify.annotations.NullMarked;
