/** Types that all packages of the backup module use: failures and progress. */
@NullMarked
package io.dropserver.backup;

import org.jspecify.annotations.NullMarked;
