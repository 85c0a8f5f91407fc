/** Planning: turns desired and observed state into a list of changes. */
@NullMarked
package io.dropserver.reconciler.plan;

import org.jspecify.annotations.NullMarked;
