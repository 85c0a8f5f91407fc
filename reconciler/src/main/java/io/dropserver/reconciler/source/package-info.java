/** The config repository: fetching, verifying, reading trees. */
@NullMarked
package io.dropserver.reconciler.source;

import org.jspecify.annotations.NullMarked;
