/**
 * Manages running sandboxes: started on demand, shared, stopped when idle, restarted after a crash.
 */
@NullMarked
package io.dropserver.sandbox.lifecycle;

import org.jspecify.annotations.NullMarked;
