/** Tests of the audit log. */
@NullMarked
package io.dropserver.reconciler.audit;

import org.jspecify.annotations.NullMarked;
