/**
 * Pushes to a real repository, a real server in a process of its own, real sandboxes, and what a
 * person then sees.
 */
@NullMarked
package io.dropserver.tests.endtoend;

import org.jspecify.annotations.NullMarked;
