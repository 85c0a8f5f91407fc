/**
 * Fetches, verifies, unpacks and installs app versions, which are content-addressed and read-only.
 */
@NullMarked
package io.dropserver.sandbox.app;

import org.jspecify.annotations.NullMarked;
