/**
 * The Deno process: its executable, command line and permissions, and the TypeScript files that it
 * runs besides the app.
 */
@NullMarked
package io.dropserver.sandbox.deno;

import org.jspecify.annotations.NullMarked;
