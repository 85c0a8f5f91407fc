/**
 * The Deno process: its executable and command line, its permission broker, and the TypeScript
 * files that it runs besides the app.
 */
@NullMarked
package io.dropserver.sandbox.deno;

import org.jspecify.annotations.NullMarked;
