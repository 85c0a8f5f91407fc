/**
 * Manages sandboxes: started on demand, shared, frozen while not in use, stopped when their memory
 * is needed, restarted after a crash.
 */
@NullMarked
package io.dropserver.sandbox.lifecycle;

import org.jspecify.annotations.NullMarked;
