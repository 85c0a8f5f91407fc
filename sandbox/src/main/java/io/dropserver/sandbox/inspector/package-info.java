/** Connects a debugger on this machine to the app of {@code app dev}. No server uses it. */
@NullMarked
package io.dropserver.sandbox.inspector;

import org.jspecify.annotations.NullMarked;
