/**
 * End-to-end tests with a real repository, a server in a separate process and real sandboxes,
 * checked from the visitor's side.
 */
@NullMarked
package io.dropserver.tests.endtoend;

import org.jspecify.annotations.NullMarked;
