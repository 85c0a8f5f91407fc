/** Planning: computes the changes between the observed and the desired state. */
@NullMarked
package io.dropserver.reconciler.plan;

import org.jspecify.annotations.NullMarked;
