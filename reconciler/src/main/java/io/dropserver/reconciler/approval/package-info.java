/** What appspaces ask to reach, put to people, and their answers. */
@NullMarked
package io.dropserver.reconciler.approval;

import org.jspecify.annotations.NullMarked;
