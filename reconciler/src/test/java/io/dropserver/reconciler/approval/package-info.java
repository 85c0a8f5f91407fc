/** Tests of approvals. */
@NullMarked
package io.dropserver.reconciler.approval;

import org.jspecify.annotations.NullMarked;
