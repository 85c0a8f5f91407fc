/** What all parts of the backup module say: failures and progress. */
@NullMarked
package io.dropserver.backup;

import org.jspecify.annotations.NullMarked;
