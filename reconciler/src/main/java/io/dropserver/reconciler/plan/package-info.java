/** Desired and observed become a list of changes. */
@NullMarked
package io.dropserver.reconciler.plan;

import org.jspecify.annotations.NullMarked;
