/**
 * Copies a folder that a hostile app may modify at the same time. All files are accessed by
 * descriptor and single name, so that no symlink is ever followed.
 */
@NullMarked
package io.dropserver.backup.copy;

import org.jspecify.annotations.NullMarked;
