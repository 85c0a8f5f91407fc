/** The audit log: actors, actions, outcomes and origins. */
@NullMarked
package io.dropserver.reconciler.audit;

import org.jspecify.annotations.NullMarked;
