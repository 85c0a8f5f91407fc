/** Telling people of what needs them: {@code notify} of the host's configuration. */
@NullMarked
package io.dropserver.reconciler.notify;

import org.jspecify.annotations.NullMarked;
