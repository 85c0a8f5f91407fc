/** The Deno process: its launch, its permission broker, its logs. */
@NullMarked
package io.dropserver.sandbox.deno;

import org.jspecify.annotations.NullMarked;
