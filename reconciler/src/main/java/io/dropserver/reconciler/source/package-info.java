/** The config repository: fetching, verifying and reading trees. */
@NullMarked
package io.dropserver.reconciler.source;

import org.jspecify.annotations.NullMarked;
