/** Egress approvals: requests of appspaces, their presentation to people, and the decisions. */
@NullMarked
package io.dropserver.reconciler.approval;

import org.jspecify.annotations.NullMarked;
