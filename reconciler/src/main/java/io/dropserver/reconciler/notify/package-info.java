/**
 * Notifies operators of problems that need their attention: {@code notify} in the host
 * configuration.
 */
@NullMarked
package io.dropserver.reconciler.notify;

import org.jspecify.annotations.NullMarked;
