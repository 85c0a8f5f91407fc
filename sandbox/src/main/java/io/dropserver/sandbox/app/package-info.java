/** App versions: fetched, verified, unpacked and installed; content-addressed and read-only. */
@NullMarked
package io.dropserver.sandbox.app;

import org.jspecify.annotations.NullMarked;
